import { describe, expect, it } from "vitest";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { AccessCounts } from "#domain/ports/access-counts.ts";
import type { ForecastList, PredictionStore, RunProgress } from "#domain/ports/prediction-store.ts";
import { isRefreshDue, nextRefreshHour } from "#domain/prediction/due.ts";
import type { HourCount } from "#domain/prediction/feature-state.ts";
import { hourOf } from "#domain/prediction/hours.ts";
import { RUN_SETTINGS } from "#domain/prediction/settings.ts";
import { shardOf } from "#domain/prediction/shard.ts";
import { listShards } from "#lambdas/predict-placement/list-shards.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";

const SCHEDULED = "2024-03-04T05:02:00.000Z";
const RUN_HOUR = hourOf(Date.parse(SCHEDULED));

interface World {
	readonly progress?: RunProgress;
	readonly counts?: readonly HourCount[];
	readonly lists?: readonly ForecastList[];
	readonly partitionsPerCall?: number;
	readonly last?: { progress: RunProgress | undefined };
}

/** Runs ListShards over fakes that hold `world` and remember what was asked of them. */
async function plan({
	progress = { throughHour: RUN_HOUR - 2, dueThroughHour: RUN_HOUR - 1 },
	counts = [],
	lists = [],
	partitionsPerCall = 300,
	last = { progress: undefined },
}: World) {
	const asked: string[] = [];
	const shard = (count: HourCount) => shardOf(partitionId(count.partition));
	const accessCounts: Pick<AccessCounts, "reportedShards" | "readHour"> = {
		async reportedShards(from, through) {
			asked.push(`hours ${from - RUN_HOUR}..${through - RUN_HOUR}`);
			const hours = [...new Set(counts.map(({ reportHour }) => reportHour))].filter((hour) => hour >= from && hour <= through).sort();
			return hours.map((hour) => ({ hour, shards: [...new Set(counts.filter((count) => count.reportHour === hour).map(shard))] }));
		},
		readHour: async (hour, wanted) => counts.filter((count) => count.reportHour === hour && shard(count) === wanted),
	};
	const store: Partial<PredictionStore> = {
		async readProgress() {
			await Promise.resolve();
			asked.push("progress");
			return progress;
		},
		dueLists: async () => lists,
		claimRun: async () => asked.push("claim") > 0,
		completeRun: async (_, { throughHour }) => asked.push(`complete ${throughHour - RUN_HOUR}`) > 0,
		readParents: async () => new Map(),
		readGlobal: async () => undefined,
		writeShared: async () => void asked.push("shared"),
	};
	const deps = {
		counts: accessCounts as AccessCounts,
		store: store as PredictionStore,
		calendar: { read: async () => undefined, write: async () => {} },
		regions: [],
		clock: new ManualClock(),
		settings: { ...RUN_SETTINGS, partitionsPerCall },
		last,
	};
	return { asked, plan: await listShards(deps, { scheduledTime: SCHEDULED }) };
}

const count = (partition: string, hour = RUN_HOUR - 1): HourCount => ({
	partition,
	region: "us-east-1",
	segment: "",
	hour,
	reportHour: hour,
	count: 1,
});
const many = Array.from({ length: 40 }, (_, index) => count(`p${index}`));

describe("ListShards", () => {
	it("ends after reads alone when nothing is due, and writes its progress only every other day", async () => {
		expect(await plan({})).toMatchObject({ asked: ["progress", "hours -1..-1"], plan: { outcome: "nothing-due" } });
		const idle = await plan({ progress: { throughHour: RUN_HOUR - 60, dueThroughHour: RUN_HOUR - 60 } });
		expect(idle).toMatchObject({ asked: ["progress", "hours -59..-1", "claim", "complete -1"], plan: { outcome: "nothing-due" } });
	});

	it("reads at once what is due where its last run was idle, and again where another has got on since", async () => {
		const progress = { throughHour: RUN_HOUR - 3, dueThroughHour: RUN_HOUR - 2 };
		const last = { progress: { ...progress } };
		expect(await plan({ progress, last })).toMatchObject({ asked: ["hours -2..-1", "progress"], plan: { outcome: "nothing-due" } });
		expect(last).toEqual({ progress });
		const due = await plan({ progress: { ...progress, throughHour: RUN_HOUR - 2 }, last, counts: many });
		expect(due.asked.slice(0, 4)).toEqual(["hours -2..-1", "progress", "hours -1..-1", "claim"]);
		expect(last).toEqual({ progress: undefined });
	});

	it("gives little work to one call and much to one a shard, all of it once", async () => {
		const one = (await plan({ counts: many })).plan;
		const several = (await plan({ counts: many, partitionsPerCall: 1 })).plan;
		if (one.outcome !== "due" || several.outcome !== "due") throw new Error("nothing due");
		expect([one.shards.length, several.shards.length]).toEqual([1, 4]);
		expect(several.shards.flatMap(({ work }) => work)).toEqual(one.shards[0]?.work);
		expect(one.shards[0]?.work.map(({ shard }) => shard)).toEqual([0, 1, 2, 3]);
	});

	it("takes in so many hours at most, and says through which", async () => {
		const counts = Array.from({ length: RUN_SETTINGS.maxHoursPerRun + 10 }, (_, index) => count("p1", RUN_HOUR - 1 - index));
		const { plan: due } = await plan({ counts, progress: { throughHour: RUN_HOUR - 500, dueThroughHour: undefined } });
		expect(due).toMatchObject({ outcome: "due", throughHour: RUN_HOUR - 11 });
	});

	it("sends lists that are due to their shards", async () => {
		const { plan: due, asked } = await plan({ lists: [{ key: "k2", shard: 2, size: 5 }] });
		expect(due).toMatchObject({ shards: [{ throughHour: RUN_HOUR - 1, work: [{ shard: 2, countHours: [], dueLists: ["k2"] }] }] });
		expect(asked).toEqual(["progress", "hours -1..-1", "claim"]);
	});

	it("refuses an input without a time", async () => {
		await expect(listShards({} as never, { scheduledTime: "soon" })).rejects.toThrow();
	});
});

describe("the due-rule", () => {
	it.each([
		[0, 12],
		[1, 24],
		[11, 24],
		[12, 24],
		[13, 36],
	])("a forecast of hour %i is due again at hour %i", (hour, due) => {
		expect(nextRefreshHour(hour, RUN_SETTINGS)).toBe(due);
	});

	it.each([
		["old enough and active", { forecastHour: 0, lastHour: 0 }, 12, true],
		["too young", { forecastHour: 1, lastHour: 0 }, 12, false],
		["made by this very run", { forecastHour: 12, lastHour: 0 }, 12, true],
		["untouched for a week", { forecastHour: 0, lastHour: 0 }, 169, false],
	])("a forecast that is %s", (_, known, hour, due) => {
		expect(isRefreshDue(known, hour, RUN_SETTINGS)).toBe(due);
	});
});
