import { describe, expect, it } from "vitest";
import { describeDryRun, describePlan } from "#cli/operate/describe-plan.ts";
import { regionId } from "#domain/geography/region-id.ts";
import type { MigrationPlan } from "#domain/migration/plan-schema.ts";

const [US, EU] = [regionId("us-east-1"), regionId("eu-west-1")];
const plan: MigrationPlan = {
	replicas: { leaderBefore: US, followersBefore: [], leaderAfter: EU, followersAfter: [US], buckets: 2, storageClass: "standard" },
	joins: [EU],
	transfer: EU,
	removals: [],
	sync: "full",
	traffic: {
		steps: [{ weight: 0.25, holdSeconds: 300 }],
		abort: { maxErrorShare: 0.015, maxDivergences: 0, maxLatencyRatio: 2, latencyAllowanceMs: 90, maxStalenessMs: 5000 },
	},
	size: { items: 1, bytes: 27_560, measuredAtMs: 0 },
	cost: {
		basis: "measured",
		writeUnits: 1200,
		readUnits: 1,
		transferBytes: 2_000_000,
		requestUsd: 0.5,
		transferUsd: 0.5,
		usd: 1,
		pauseMs: 217.3,
		durationSeconds: 1036,
	},
	quiesceSeconds: 15,
	soakSeconds: 900,
	soakTickSeconds: 300,
	maxRepairs: 10,
	why: "because",
};
const saving = { windowHours: 168, expectedAccesses: 12.34, meanNowMs: 80, meanAfterMs: 1.5 };

describe("a dry run", () => {
	it("says what would be done, what it costs and what it saves", () => {
		const text = describeDryRun({ dryRun: true, partition: "acme", plan, saving }).join("\n");
		expect(text).toMatch(/^acme: nothing was started/);
		expect(text).toMatch(/^leader +us-east-1 -> eu-west-1$/m);
		expect(text).toMatch(/^followers +none -> us-east-1$/m);
		expect(text).toMatch(/^copying +everything, 1 item, 27.6KB, 2 buckets$/m);
		expect(text).toMatch(
			/^canary +25 % of clients for 5 min; cancelled at errors over 1.5 %, latency over 2 times the p99 of before and 90 ms/m,
		);
		expect(text).toMatch(/^cost +\$1.00: 1,200 write units, 1 read unit, 2MB between regions$/m);
		expect(text).toMatch(/^pause +writes wait about 217 ms at the cutover$/m);
		expect(text).toMatch(/^saving +78.5 ms less an access \(80.0 -> 1.5\), 12.3 accesses expected in 168 h$/m);
	});

	it("says so where a move would cost viewers, and where nothing is known", () => {
		const worse = { ...saving, meanNowMs: 1.5, meanAfterMs: 80 };
		expect(describeDryRun({ partition: "acme", plan, saving: worse }).at(-1)).toContain("78.5 ms MORE an access");
		expect(describeDryRun({ partition: "acme", plan }).at(-1)).toMatch(/^saving +not known/);
		const { size, cost, ...unknown } = plan;
		const unsized = describePlan({ ...unknown, cost: { ...cost, basis: "unknown-size" } }).join("\n");
		expect(unsized).toContain("everything, size unknown");
		expect(unsized).toContain("without what copying costs");
	});

	it("shows a plan of another form as it is", () => {
		expect(describePlan({ later: "version" })).toEqual(["later  version"]);
		expect(describeDryRun("nonsense")).toEqual(["answer  nonsense"]);
	});
});
