import { describe, expect, it } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { copyHistory } from "#domain/partition/copy-history.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { CopyEvent } from "#domain/ports/migration-store.ts";

const [A, B, C] = [regionId("eu-west-1"), regionId("us-east-1"), regionId("ap-northeast-1")];
const P = partitionId("acme");
const record = (leader = A, followers = [] as (typeof A)[], lost: { region: typeof A; epoch: number; sinceMs: number }[] = []) => ({
	leader,
	followers,
	lost,
	createdAtMs: 100,
});
const event = (atMs: number, region: typeof A, what: CopyEvent["event"], cause: string): CopyEvent => ({
	partition: P,
	region,
	event: what,
	cause,
	atMs,
});

describe("where copies were and when", () => {
	it("begins where and when the partition was created", () => {
		expect(copyHistory(record(), [])).toEqual([{ region: A, fromMs: 100 }]);
	});

	it("follows a move there and back", () => {
		const events = [event(200, B, "begins", "m1"), event(300, A, "ended", "m1"), event(400, A, "begins", "m2")];
		expect(copyHistory(record(A, [B]), events)).toEqual([
			{ region: A, fromMs: 100, toMs: 300, endedBy: "m1" },
			{ region: B, fromMs: 200, because: "m1" },
			{ region: A, fromMs: 400, because: "m2" },
		]);
	});

	it("shows the copy of a migration that was cancelled, though its stage woke up late", () => {
		const events = [event(250, B, "ended", "m1"), event(260, B, "begins", "m1")];
		expect(copyHistory(record(), events)).toEqual([
			{ region: A, fromMs: 100 },
			{ region: B, fromMs: 250, toMs: 250, because: "m1", endedBy: "m1" },
		]);
	});

	it("counts copies that are on their way, left behind by a promotion, or found without a record", () => {
		const lost = [{ region: B, epoch: 3, sinceMs: 500 }];
		const events = [event(600, C, "begins", "m2"), event(700, regionId("sa-east-1"), "ended", "e2-orphan")];
		expect(copyHistory(record(A, [], lost), events)).toEqual([
			{ region: A, fromMs: 100 },
			{ region: regionId("sa-east-1"), fromMs: 100, toMs: 700, endedBy: "e2-orphan" },
			{ region: B, fromMs: 100 },
			{ region: C, fromMs: 600, because: "m2" },
		]);
	});
});
