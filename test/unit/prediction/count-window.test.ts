import { beforeEach, describe, expect, it } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { HOUR_MS } from "#domain/prediction/hours.ts";
import type { WindowTotal } from "#domain/prediction/window-counts.ts";
import { type CountWindowDeps, countWindow } from "#lambdas/count-accesses/count-window.ts";
import { LastServed } from "#lambdas/count-accesses/last-served.ts";
import { viewerLocator } from "#lambdas/count-accesses/viewer-locator.ts";
import { dataApiPartition } from "#test/__helpers__/data-api-partition.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";
import { type LogEntry, logLine, windowEvent } from "#test/integration/prediction/access-log.ts";

const END_MS = Date.parse("2024-03-04T05:10:00Z");
const REGIONS = ["us-east-1", "eu-west-1"].map(regionId);

let written: { readonly windowId: string; readonly totals: readonly WindowTotal[] }[];
let metrics: Record<string, number>;
let lines: Readonly<Record<string, unknown>>[];
let deps: CountWindowDeps;
beforeEach(() => {
	[written, metrics, lines] = [[], {}, []];
	deps = {
		counts: {
			addOnce: async (windowId, totals) => void written.push({ windowId, totals }),
			reportedShards: () => Promise.reject(new Error("is not asked")),
			readHour: () => Promise.reject(new Error("is not asked")),
		},
		states: { write: async () => undefined },
		lastServed: new LastServed(),
		locate: viewerLocator(REGIONS),
		partitionOf: dataApiPartition,
		clock: new ManualClock(END_MS),
		log: (message, fields) => void lines.push({ message, ...fields }),
		count: (name, value) => {
			metrics[name] = (metrics[name] ?? 0) + value;
		},
		controlRegion: regionId("us-east-1"),
		rttMs: (from, to) => (from === to ? 1 : 80),
	};
});

const access = (requestId: string, change: Partial<LogEntry> = {}): string =>
	logLine({ atMs: END_MS - 1000, partition: "acme", region: "eu-west-1", requestId, ...change });
const sum = (totals: readonly WindowTotal[] = []) => totals.reduce((all, { count }) => all + count, 0);

describe("a window of accesses", () => {
	it("says how many records it could not use, and why, and how many came late", async () => {
		const late = access("late", { atMs: END_MS - 2 * HOUR_MS });
		const unusable = ["garbage", access("gone", { status: 503 }), access("nobody", { partition: "%zz" }), "garbage too"];
		await countWindow(deps, windowEvent({ lines: [access("one"), late, ...unusable, access("one")], endMs: END_MS }));
		expect(metrics).toMatchObject({ AccessesCounted: 2, LateAccesses: 1, RecordsSkipped: 4 });
		expect(lines).toMatchObject([{ skipped: { "bad-line": 2, "not-served": 1, "no-partition": 1 } }]);
		expect(sum(written[0]?.totals)).toBe(2);
	});

	it("that Lambda ends early is written, and its second part is counted beside the first", async () => {
		const first = { ...windowEvent({ lines: [access("one")], endMs: END_MS, final: false }), isWindowTerminatedEarly: true };
		expect(await countWindow(deps, first)).toEqual({ state: {}, batchItemFailures: [] });
		await countWindow(deps, windowEvent({ lines: [access("two"), access("three")], endMs: END_MS, sequence: 7 }));
		expect(written.map(({ totals }) => sum(totals))).toEqual([1, 2]);
		expect(new Set(written.map(({ windowId }) => windowId)).size).toBe(2);
	});

	it("is not written before its end", async () => {
		const answer = await countWindow(deps, windowEvent({ lines: [access("one")], endMs: END_MS, final: false }));
		expect(written).toEqual([]);
		await countWindow(deps, windowEvent({ lines: [access("one")], endMs: END_MS, state: JSON.parse(JSON.stringify(answer.state)) }));
		expect(written.map(({ totals }) => sum(totals))).toEqual([1]);
	});
});
