import { describe, expect, it } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import type { RecordedEvent } from "#domain/prediction/external/event.ts";
import { holidayCalendar, shareOnHoliday } from "#domain/prediction/external/holidays.ts";
import { HOUR_MS, hourOf } from "#domain/prediction/hours.ts";
import { WINDOWS_HOURS } from "#domain/prediction/settings.ts";
import { scoreWindows } from "#predictor/evaluation/score-windows.ts";
import { HolidayWatch } from "#predictor/external/holiday-watch.ts";
import { NOTHING_OUTSIDE, type OutsideSources } from "#predictor/external/outside.ts";
import { DEFAULT_ARTEFACT } from "#predictor/models/default-artefact.ts";
import { createModel } from "#predictor/models/registry.ts";
import { CostAccount } from "#replay/engine/accounting/cost-account.ts";
import { PREDICTIVE_RULE, playPredictive } from "#replay/engine/predictive/play-predictive.ts";
import type { Trace } from "#replay/engine/trace.ts";
import { createWorld } from "#replay/engine/world.ts";
import { type Access, FIRST_HOUR, REGIONS, RTT_MS, settingsOf, traceOf } from "#test/property/replay/engine/traces.ts";

const DAYS = 140;
const EVENT_AT = 50 * 24;
const EVENT_HOURS = 48;
const time = (hour: number): string => new Date((FIRST_HOUR + hour) * HOUR_MS).toISOString();
const model = createModel(DEFAULT_ARTEFACT);

/** What the forecasts and the placements by them come to. */
function play(list: readonly Access[], outside: OutsideSources, copies = 1) {
	const world = createWorld(traceOf(list), settingsOf({ copies, readShare: 0, moveCostMs: 500, scoreFrom: 0.3 }), RTT_MS);
	const account = new CostAccount(world);
	playPredictive(world, model, [{ rule: PREDICTIVE_RULE, account }], { outside });
	const scored = { fromHour: world.scoredFromHour, toHour: FIRST_HOUR + DAYS * 24 };
	const tilted = { sources: outside, models: new Set(["pool"]) };
	const scores = WINDOWS_HOURS.map((hours) =>
		scoreWindows(world.trace, hours, new Map([["pool", model]]), scored, RTT_MS, tilted).get("pool"),
	);
	return { costMs: account.costMs, scores, logLoss: scores.map((score) => score?.logLoss ?? Number.NaN) };
}

describe("a replay that is told of an event planted in its log", () => {
	/** A shop in Virginia, and a crowd from Tokyo for two days. */
	const launch = Array.from({ length: 60 * 12 }, (_, index) => 2 * index).flatMap((hour): readonly Access[] => {
		const crowd = hour >= EVENT_AT && hour < EVENT_AT + EVENT_HOURS;
		return [
			{ hour, partition: "shop:a", region: 0, count: 4 },
			{ hour, partition: "shop:a", region: 3, count: crowd ? 40 : 1 },
			{ hour, partition: "team:b", region: 1 + ((hour / 2) % 2), count: 2 },
		];
	});
	const event: RecordedEvent = {
		name: "launch in Japan",
		start: time(EVENT_AT),
		end: time(EVENT_AT + EVENT_HOURS),
		lift: { "ap-northeast-1": 40 } as RecordedEvent["lift"],
		partitions: ["shop:*"],
	};
	const told = (...events: readonly RecordedEvent[]): OutsideSources => ({ events, holidays: false });
	const plain = play(launch, NOTHING_OUTSIDE);
	const informed = play(launch, told(event));

	it("forecasts and places better", () => {
		informed.logLoss.forEach((loss, window) => {
			expect(loss, `${WINDOWS_HOURS[window]} h`).toBeLessThan((plain.logLoss[window] ?? 0) - 0.001);
		});
		expect(informed.costMs).toBeLessThan(plain.costMs - 0.5);
	});

	it("places better with more copies, whose leader is planned by the hour", () => {
		expect(play(launch, told(event), 2).costMs).toBeLessThan(play(launch, NOTHING_OUTSIDE, 2).costMs - 0.01);
	});

	it("plans leaders by the segments that an event is for, and by no other", () => {
		const travellers = launch.map((access) => (access.region === 3 ? { ...access, segment: "travel" } : access));
		const costMs = (...segments: readonly string[]): number => play(travellers, told({ ...event, segments }), 2).costMs;
		const untold = play(travellers, NOTHING_OUTSIDE, 2).costMs;
		expect(costMs("travel")).toBeLessThan(untold - 0.01);
		expect(costMs("office")).toBe(untold);
	});

	it("knows nothing of it before it was declared", () => {
		const late = told({ ...event, declaredAt: time(EVENT_AT + 24) });
		const before = launch.filter(({ hour }) => hour < EVENT_AT + 24);
		expect(play(before, late)).toEqual(play(before, NOTHING_OUTSIDE));
		expect(play(before, told(event)).logLoss[0]).toBeLessThan(play(before, late).logLoss[0] ?? 0);
		expect(play(launch, late).logLoss).not.toEqual(plain.logLoss);
	});

	it("finds the same to the last bit where an event concerns nobody, or lasts at another time", () => {
		expect(play(launch, told({ ...event, partitions: ["shops:*"] }))).toEqual(plain);
		expect(play(launch, told({ ...event, start: time(-400), end: time(-300) }))).toEqual(plain);
	});

	it("takes a false declaration as it is: it costs", () => {
		const wrong = play(launch, told({ ...event, start: time(EVENT_AT - 100), end: time(EVENT_AT - 60) }));
		expect(wrong.logLoss[0]).toBeGreaterThan(plain.logLoss[0] ?? Number.NaN);
	});
});

describe("public holidays in a replay", () => {
	const calendar = holidayCalendar(REGIONS, FIRST_HOUR, FIRST_HOUR + DAYS * 24);
	const isHoliday = (hour: number): boolean => shareOnHoliday(calendar, regionId("us-east-1"), FIRST_HOUR + hour) > 0.25;
	/** An office in each of two regions; `isOpen` says whether Virginia's works in an hour. */
	const offices = (isOpen: (hour: number) => boolean): Trace =>
		traceOf(
			Array.from({ length: DAYS * 24 }, (_, hour) => hour).flatMap((hour): readonly Access[] => [
				...(isOpen(hour) ? [{ hour, partition: "team:a", region: 0, count: 30 }] : []),
				{ hour, partition: "team:a", region: 1, count: 20 },
			]),
		);

	it("are foreseen once it was seen what they do: Thanksgiving teaches Christmas", () => {
		const trace = offices((hour) => !isHoliday(hour));
		const lossOf = (fromDay: number, toDay: number, holidays: boolean) => {
			const span = { fromHour: FIRST_HOUR + fromDay * 24, toHour: FIRST_HOUR + toDay * 24 };
			const tilted = { sources: { events: [], holidays }, models: new Set(["pool"]) };
			return scoreWindows(trace, 6, new Map([["pool", model]]), span, RTT_MS, tilted).get("pool")?.logLoss ?? Number.NaN;
		};
		const christmas = (hourOf(Date.UTC(2015, 11, 25)) - FIRST_HOUR) / 24;
		expect(lossOf(christmas, christmas + 2, true)).toBeLessThan(lossOf(christmas, christmas + 2, false));
		// three months go by before anything is usual
		expect(lossOf(30, 84, true)).toBe(lossOf(30, 84, false));
	});

	it("are days like others where accesses go on as usual: hardly anything is tilted", () => {
		const watch = new HolidayWatch(offices(() => true));
		for (let hour = 0; hour < DAYS * 24; hour += 6)
			for (const { lift } of watch.advance(FIRST_HOUR + hour))
				for (const times of lift.values()) expect(Math.abs(times - 1)).toBeLessThan(0.1);
	});
});
