import { beforeAll, describe, expect, it } from "vitest";
import { createLocator } from "#domain/geography/locate.ts";
import { regionId } from "#domain/geography/region-id.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import { demandOf, expectedCostMs } from "#domain/placement/expected-cost.ts";
import { applyExternalFactors } from "#domain/prediction/external/apply-external-factors.ts";
import type { ExternalEvent } from "#domain/prediction/external/event.ts";
import { eventFactors } from "#domain/prediction/external/factors-of.ts";
import { HOUR_MS, hourOf } from "#domain/prediction/hours.ts";
import { DEMO_REGIONS } from "#replay/world/cities.ts";
import { DEMO_START_MS, demoWorld } from "#replay/world/demo-world.ts";
import { forecastAt, type Log, outcomeOf } from "#test/unit/prediction/forecast-log.ts";

const VIRGINIA = regionId("us-east-1");
const TOKYO = regionId("ap-northeast-1");

const eventOf = (startHour: number, hours: number, more: Partial<ExternalEvent>): ExternalEvent => ({
	eventId: "launch",
	name: "launch in Japan",
	start: new Date(startHour * HOUR_MS).toISOString(),
	end: new Date((startHour + hours) * HOUR_MS).toISOString(),
	lift: { [TOKYO]: 10 },
	...more,
});

describe("an event planted in a log", () => {
	const START = 473_352;
	const EVENT_AT = START + 30 * 24;
	const regions = [VIRGINIA, TOKYO];
	/** Ten accesses an hour from Virginia, one from Tokyo, and ten times as many from there for two days. */
	const log: Log = Array.from({ length: 32 * 24 }, (_, index) => START + index).flatMap((hour) =>
		regions.map((region) => ({
			partition: "shop",
			region,
			segment: "",
			hour,
			reportHour: hour,
			count: region === VIRGINIA ? 10 : hour >= EVENT_AT ? 20 : 2,
		})),
	);
	const plain = forecastAt(log, "shop", EVENT_AT, 6, regions);
	const tilted = applyExternalFactors(plain, eventFactors([eventOf(EVENT_AT, 48, {})])(partitionId("shop")));

	it("is foreseen by a forecast that is told of it: regions and volume", () => {
		expect(outcomeOf(log, tilted).logLoss).toBeLessThan(outcomeOf(log, plain).logLoss - 0.1);
		const truth = outcomeOf(log, plain).accesses;
		expect(Math.abs(tilted.expectedAccesses - truth)).toBeLessThan(Math.abs(plain.expectedAccesses - truth) / 4);
		expect(tilted.tilts).toEqual(["launch in Japan"]);
	});

	it("changes where the partition is best led, before it begins", () => {
		const rtt = (from: string, to: string): number => (from === to ? 1 : 160);
		const best = (vector: typeof plain) =>
			expectedCostMs(demandOf(vector), VIRGINIA, rtt) < expectedCostMs(demandOf(vector), TOKYO, rtt) ? VIRGINIA : TOKYO;
		expect(best(plain)).toBe(VIRGINIA);
		expect(best(tilted)).toBe(TOKYO);
	});

	it("does nothing to partitions and segments it does not concern", () => {
		const others = eventFactors([eventOf(EVENT_AT, 48, { partitions: ["sho", "shops*"] })])(partitionId("shop"));
		expect(applyExternalFactors(plain, others)).toBe(plain);
		expect(eventFactors([eventOf(EVENT_AT, 48, { partitions: ["sh*"] })])(partitionId("shop"))).toHaveLength(1);
		const segment = eventFactors([eventOf(EVENT_AT, 48, { segments: ["office"] })])(partitionId("shop"));
		expect(applyExternalFactors(plain, segment)).toBe(plain);
	});
});

describe("the launch of the demo world", () => {
	const regions = DEMO_REGIONS.map(regionId);
	const START = hourOf(DEMO_START_MS);
	const LAUNCH = START + 9 * 24;
	let log: Log = [];
	beforeAll(async () => {
		const counts = new Map<string, Log[number]>();
		const options = { seed: 1, startMs: DEMO_START_MS, endMs: DEMO_START_MS + 10 * 24 * HOUR_MS, locate: createLocator(regions) };
		for await (const rows of demoWorld(options)) {
			for (const { tsMs, partition, region, segment = "", count } of rows) {
				const hour = hourOf(tsMs);
				const key = `${hour}/${partition}/${region}`;
				counts.set(key, { partition, region, segment, hour, reportHour: hour, count: (counts.get(key)?.count ?? 0) + count });
			}
		}
		log = [...counts.values()];
	});

	it("declared as an event, is forecast; a partition that it does not concern is forecast as before", () => {
		const launch = eventOf(LAUNCH, 24, { lift: { [TOKYO]: 80 }, partitions: ["initech:*"] });
		const factors = eventFactors([launch]);
		const plain = forecastAt(log, "initech:catalog", LAUNCH, 6, regions);
		const tilted = applyExternalFactors(plain, factors(plain.partition));
		expect(outcomeOf(log, tilted).logLoss).toBeLessThan(outcomeOf(log, plain).logLoss);
		expect(tilted.probabilities[regions.indexOf(TOKYO)]).toBeGreaterThan(0.5);
		expect(plain.probabilities[regions.indexOf(TOKYO)]).toBeLessThan(0.5);
		const other = forecastAt(log, "acme:billing", LAUNCH, 6, regions);
		expect(applyExternalFactors(other, factors(other.partition))).toBe(other);
	});
});
