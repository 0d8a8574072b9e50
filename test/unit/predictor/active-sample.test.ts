import { expect, test } from "vitest";
import { ActiveSample } from "#predictor/training/active-sample.ts";
import { FIRST_HOUR, traceOf } from "#test/property/replay/engine/traces.ts";

const DAYS = 20;
const SPAN = { fromHour: FIRST_HOUR, toHour: FIRST_HOUR + DAYS * 24 };
const ACTIVE_HOURS = 48;
const WANTED = 20_000;

/** Each partition is accessed once, in the order of their numbers. */
const onceEach = (partitions: number) =>
	traceOf(
		Array.from({ length: partitions }, (_, index) => ({
			hour: Math.floor((index * DAYS * 24) / partitions),
			partition: `p${index}`,
			region: index % 4,
			count: 1,
		})),
	);

/** Hour and partition of every window of the sample. */
function windowsOf(partitions: number): readonly (readonly [hour: number, partition: number])[] {
	const history = onceEach(partitions);
	const sample = new ActiveSample(history, 6, ACTIVE_HOURS, SPAN, WANTED);
	return sample.hours.flatMap((hour, index) => {
		const lastHour = new Int32Array(partitions).fill(-1);
		history.cells.hour.forEach((at, cell) => {
			if (at < hour) lastHour[history.cells.partition[cell] ?? 0] = at;
		});
		return sample.partitionsAt(index, lastHour).map((partition) => [hour, partition] as const);
	});
}

test("takes every partition accessed lately, where there are few", () => {
	const history = onceEach(40);
	const windows = windowsOf(40);
	const hours = new ActiveSample(history, 6, ACTIVE_HOURS, SPAN, WANTED).hours;
	const wanted = hours.flatMap((hour) =>
		[...history.cells.hour.entries()].flatMap(([cell, at]) =>
			at < hour && hour - at <= ACTIVE_HOURS ? [[hour, history.cells.partition[cell]]] : [],
		),
	);
	expect(wanted.length).toBeGreaterThan(100);
	expect(windows.toSorted((a, b) => a[0] - b[0] || a[1] - b[1])).toEqual(
		wanted.toSorted((a, b) => (a[0] ?? 0) - (b[0] ?? 0) || (a[1] ?? 0) - (b[1] ?? 0)),
	);
});

test.each([5_000, 50_000])("takes about as many windows of %i partitions, spread over all", (partitions) => {
	const windows = windowsOf(partitions);
	expect(windows.length).toBeGreaterThan(WANTED / 2);
	expect(windows.length).toBeLessThan(3 * WANTED);
	const tenth = partitions / 10;
	const perTenth = Array.from({ length: 10 }, (_, at) => windows.filter(([, partition]) => Math.floor(partition / tenth) === at).length);
	// those of the last two days have hardly any window left
	for (const count of perTenth.slice(0, 9)) expect(count).toBeGreaterThan(WANTED / 40);
});
