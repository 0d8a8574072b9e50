import { beforeEach, describe, expect, it } from "vitest";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { Carried } from "#domain/partition/carry-keys.ts";
import type { Fence } from "#domain/partition/fence.ts";
import type { FeedReports } from "#domain/ports/feed-reports.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { createReportFeed, type ReportFeed } from "#lambdas/carry-stream/report-feed.ts";
import { AP, EU, P, US } from "#test/__helpers__/data-plane-world.ts";

const ref = { partition: P, bucket: 1 };
const steady: Fence = { role: "leader", epoch: 3, mode: "steady", seq: 0, peers: [US, AP], leader: EU, buckets: 2 };
const carried = (changes: Partial<Fence> = {}, earliestWriteMs: number | undefined = 20_500): Carried => {
	const fence = { ...steady, ...changes };
	return { owed: [], fence, peers: fence.peers, earliestWriteMs };
};

let reports: string[];
let report: ReportFeed;
let cut: RegionId | undefined;
beforeEach(() => {
	reports = [];
	cut = undefined;
	const feedsOf = (region: RegionId): Pick<FeedReports, "advance"> => ({
		advance: async (where, throughMs) => {
			if (region === cut) throw new UnavailableError("cut");
			reports.push(`${region} ${where.bucket} ${throughMs}`);
		},
	});
	report = createReportFeed(feedsOf);
});

describe("the report of a feed", () => {
	it("tells every peer the earlier of the last record and the earliest write", async () => {
		await report(ref, carried(), 22_000);
		await report(ref, carried({}, 25_700), 25_000);
		expect(reports).toEqual([`${US} 1 20500`, `${AP} 1 20500`, `${US} 1 25000`, `${AP} 1 25000`]);
	});

	it("comes at most once a second of what it says, a bucket", async () => {
		for (const lastMs of [10_000, 10_400, 10_999, 11_000]) await report(ref, carried({ peers: [US] }, 50_000), lastMs);
		await report({ ...ref, bucket: 0 }, carried({ peers: [US] }, 50_000), 10_500);
		expect(reports).toEqual([`${US} 1 10000`, `${US} 1 11000`, `${US} 0 10500`]);
	});

	it.each([
		["a follower, once leader", carried({ role: "follower", leader: US })],
		["a guarded leader", carried({ mode: "guarded" })],
		["a leader that a migration holds", carried({ migrationId: "m" })],
		["a leader without peers", carried({ peers: [] })],
		["a leader that carried nothing", { ...carried(), earliestWriteMs: undefined }],
		["nobody", { ...carried(), fence: undefined }],
	])("is not made by %s", async (_, what) => {
		await report(ref, what, 22_000);
		expect(reports).toEqual([]);
	});

	it("is not made of a stream that does not say when", async () => {
		await report(ref, carried(), undefined);
		expect(reports).toEqual([]);
	});

	it("is left out where a peer is out of reach, and passes defects on", async () => {
		cut = US;
		await report(ref, carried(), 22_000);
		expect(reports).toEqual([`${AP} 1 20500`]);
		const broken = createReportFeed(() => ({ advance: () => Promise.reject(new TypeError("a defect")) }));
		await expect(broken(ref, carried(), 22_000)).rejects.toThrow("a defect");
	});
});
