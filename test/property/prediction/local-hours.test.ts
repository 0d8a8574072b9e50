import { DateTime } from "luxon";
import { describe, expect, it } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { HOUR_MS } from "#domain/prediction/hours.ts";
import { CellBuilder } from "#predictor/features/cell-builder.ts";
import { FeatureColumns } from "#predictor/features/feature-columns.ts";
import type { AccessHistory } from "#predictor/features/history.ts";
import { DEFAULT_ARTEFACT } from "#predictor/models/default-artefact.ts";
import { ExpertColumns } from "#predictor/models/expert-columns.ts";
import { createModel } from "#predictor/models/registry.ts";
import { HourWalk } from "#predictor/training/hour-walk.ts";
import { Upcoming } from "#predictor/training/upcoming.ts";
import fc from "#test/__helpers__/fast-check.ts";

const hourOf = (iso: string): number => Date.parse(`${iso}T00:00Z`) / HOUR_MS;

const ZONES = ["America/New_York", "Europe/London", "Australia/Sydney"];
const WITH_SUMMER_TIME = ["us-east-1", "eu-west-2", "ap-southeast-2"];
const WITHOUT = ["ap-northeast-1", "ap-south-1", "ap-southeast-1"];
const BEGIN = hourOf("2023-01-02");
const END = hourOf("2024-12-01");

/** Weekdays from nine to five by the clocks of three cities. @param frozenAt an hour whose offsets hold always @default those of each hour */
function offices(regions: readonly string[], frozenAt?: number): AccessHistory {
	const builder = new CellBuilder(regions.map(regionId));
	for (let hour = BEGIN; hour < END; hour += 1) {
		const wallHours = ZONES.map((zone) => {
			const offset = DateTime.fromMillis((frozenAt ?? hour) * HOUR_MS, { zone }).offset;
			const local = DateTime.fromMillis(hour * HOUR_MS + offset * 60_000, { zone: "UTC" });
			return local.weekday <= 5 && local.hour >= 9 && local.hour < 17 ? local.hour : undefined;
		});
		for (let partition = 0; partition < ZONES.length; partition += 1)
			wallHours.forEach((wallHour, office) => {
				if (wallHour !== undefined && (partition + office + wallHour) % 3 !== 0)
					builder.add(`p${partition}`, regionId(regions[office] ?? ""), "", hour, office === partition ? 3 : 1);
			});
	}
	return builder.build();
}

/** Log-loss of the 6 h forecasts in each of some spans of hours. */
function lossesIn(history: AccessHistory, spans: readonly (readonly [from: number, to: number])[]): readonly number[] {
	const [walk, upcoming, model] = [new HourWalk(history), new Upcoming(history), createModel(DEFAULT_ARTEFACT)];
	const forecast = new Float64Array(history.regions.length);
	return spans.map(([from, to]) => {
		let [loss, accesses] = [0, 0];
		for (let hour = from; hour < to; hour += 5) {
			walk.advance(hour);
			for (const [partition, outcome] of upcoming.between(hour + 1, hour + 7)) {
				walk.experts.select(partition);
				walk.experts.tilt(hour + 1, 6);
				model.mix(walk.experts, 6, forecast);
				outcome.forEach((count, region) => {
					loss -= count * Math.log(forecast[region] ?? 0);
					accesses += count;
				});
			}
		}
		return loss / accesses;
	});
}

describe("after clocks have changed, offices are forecast as well as if they had always kept the hours that they keep now", () => {
	const spans = [
		["in America, not yet in Europe", "2024-03-11", "2024-03-30"],
		["in all three", "2024-04-08", "2024-04-29"],
		["in Sydney, back to summer", "2024-10-07", "2024-10-26"],
		["in all three again", "2024-11-04", "2024-11-25"],
	] as const;
	const hours = spans.map(([, from, to]) => [hourOf(from), hourOf(to)] as const);
	const losses = lossesIn(offices(WITH_SUMMER_TIME), hours);

	it.each(spans.map(([name], index) => [name, index] as const))("%s", (_, index) => {
		const span = hours[index] ?? [0, 0];
		const [always = 0] = lossesIn(offices(WITHOUT, span[0]), [span]);
		expect(losses[index]).toBeLessThan(1.005 * always);
	});
});

/** Forecasts of all experts for some hours from `from` on, made at `hour`, of a partition with a parent and one without. */
function forecastsOf(
	regions: readonly string[],
	accesses: readonly (readonly [hour: number, region: number])[],
	hour: number,
	from: number,
) {
	const columns = new FeatureColumns(["a:p", "q"], regions);
	for (const [at, region] of accesses) {
		const cells = { partition: Int32Array.of(0, 1), region: Uint8Array.of(region, region), count: Float64Array.of(2, 1) };
		columns.take(cells, 0, 2, at);
	}
	const experts = new ExpertColumns(columns);
	experts.begin(hour);
	return [0, 1].flatMap((partition) => {
		experts.select(partition);
		return [1, 6, 24, 168].flatMap((hours) => [experts.tilt(from, hours), ...experts.forecasts]);
	});
}

const accessesFrom = (fromHour: number, hours: number) =>
	fc
		.array(fc.tuple(fc.integer({ min: fromHour, max: fromHour + hours - 1 }), fc.nat(1)), { minLength: 1, maxLength: 30 })
		.map((accesses) => accesses.sort(([a], [b]) => a - b));
const NOWHERE = ["xx-nowhere-1", "xx-nowhere-2"];
const DAYS = 24;

describe("hours are those of UTC, to the last bit,", () => {
	it.each([
		["where there is no summer time", ["ap-northeast-1", "ap-south-1"], "2023-02-01", 600 * DAYS],
		["in the north in winter", ["us-east-1", "eu-central-1"], "2023-11-10", 100 * DAYS],
		["in the south in winter", ["ap-southeast-2", "ap-southeast-6"], "2024-04-10", 100 * DAYS],
		["in Brazil since 2019", ["sa-east-1", "sa-east-1"], "2019-03-01", 900 * DAYS],
	])("%s", (_, regions, from, span) => {
		const begin = hourOf(from);
		fc.assert(
			fc.property(accessesFrom(begin, span), fc.nat(30), (accesses, ahead) => {
				const hour = begin + span;
				expect(forecastsOf(regions, accesses, hour, hour + ahead)).toEqual(forecastsOf(NOWHERE, accesses, hour, hour + ahead));
			}),
		);
	});
});

describe("what was seen by the clocks of winter is expected an hour earlier (UTC) by those of summer", () => {
	it.each([
		["in America", ["us-east-1", "us-west-2"], "2023-11-10", "2024-03-11"],
		["in Europe", ["eu-west-1", "eu-central-1"], "2023-11-10", "2024-04-01"],
		["in Australia and New Zealand", ["ap-southeast-2", "ap-southeast-6"], "2024-04-10", "2024-10-07"],
		["in Brazil before 2019", ["sa-east-1", "sa-east-1"], "2018-03-01", "2018-11-05"],
	])("%s", (_, regions, from, summer) => {
		const [begin, hour] = [hourOf(from), hourOf(summer)];
		fc.assert(
			fc.property(accessesFrom(begin, 100 * DAYS), fc.nat(30), (accesses, ahead) => {
				const expected = forecastsOf(NOWHERE, accesses, hour, hour + ahead + 1);
				expect(forecastsOf(regions, accesses, hour, hour + ahead)).toEqual(expected);
			}),
		);
	});
});
