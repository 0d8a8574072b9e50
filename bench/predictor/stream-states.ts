import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Samples } from "#bench/benchmark.ts";
import { collectGarbage } from "#bench/collect-garbage.ts";
import type { PredictorBenchSizes } from "#bench/predictor/sizes.ts";
import { REGION_IDS } from "#bench/predictor/synthetic.ts";
import { type HourCount, type PartitionState, partitionStateSchema } from "#domain/prediction/feature-state.ts";
import { applyToPartition } from "#predictor/features/apply-counts.ts";

const NOW = 400_000;
/** One partition in so many is accessed in the hour that is taken in. */
const TOUCHED = 3;
/** How often a pass stops to see what is in memory. */
const LOOKS = 4;
const MEMORY_RATIO = 1.25;

interface Pass {
	readonly size: number;
	readonly perSecond: number;
	readonly bytesEach: number;
	readonly heapBytes: number;
}

/**
 * States in a file, a line a partition: each is read, checked, given what it had of an hour's accesses, and written to the next file. What is in memory
 * does not grow with the partitions.
 */
export async function measureStates({ streamed }: PredictorBenchSizes, say: (line: string) => void): Promise<readonly Samples[]> {
	const passes: Pass[] = [];
	for (const size of streamed) {
		say(`states of ${size} partitions in a file`);
		passes.push(await passOf(size));
	}
	return passes.flatMap((pass, index) => (index === 0 ? [sizeOf(pass)] : samplesOf(pass, passes[index - 1] ?? pass)));
}

const sizeOf = ({ bytesEach }: Pass): Samples => ({
	metric: "a stored state, accesses from 2 of 9 regions",
	unit: "bytes",
	values: [bytesEach],
	baselineOf: "accesses from all 9 regions",
	baselineValues: [
		lineOf(
			"t0:p0",
			stateOf(
				"t0:p0",
				REGION_IDS.map((_, index) => index),
			),
		).length,
	],
});

function samplesOf(pass: Pass, before: Pass): readonly Samples[] {
	return [
		{
			metric: `states read, an hour taken in, written, ${pass.size} partitions`,
			unit: "partitions/s",
			values: [pass.perSecond],
			baselineOf: `${before.size} partitions`,
			baselineValues: [before.perSecond],
		},
		{
			metric: `memory in use while ${pass.size} states stream`,
			unit: "bytes",
			values: [pass.heapBytes],
			baselineOf: `${before.size} states`,
			baselineValues: [before.heapBytes],
			target: { of: "ratio", is: "at most", limit: MEMORY_RATIO },
		},
	];
}

async function passOf(size: number): Promise<Pass> {
	const folder = await mkdtemp(join(tmpdir(), "heliotrope-bench-"));
	try {
		const [before, after] = [join(folder, "before.jsonl"), join(folder, "after.jsonl")];
		await pipeline(Readable.from(fresh(size)), createWriteStream(before));
		const bytesEach = (await stat(before)).size / size;
		const heap = { bytes: 0 };
		const startedMs = performance.now();
		await pipeline(Readable.from(nextHour(before, size, heap)), createWriteStream(after));
		return { size, bytesEach, perSecond: (1000 * size) / (performance.now() - startedMs), heapBytes: heap.bytes };
	} finally {
		await rm(folder, { recursive: true });
	}
}

const nameOf = (index: number): string => `t${index % 1000}:p${index}`;
const lineOf = (name: string, state: PartitionState): string => `${JSON.stringify([name, state])}\n`;

function* fresh(size: number): Generator<string> {
	for (let index = 0; index < size; index += 1) {
		const name = nameOf(index);
		yield lineOf(name, stateOf(name, [index % REGION_IDS.length, (index + 4) % REGION_IDS.length]));
	}
}

/** Some accesses of the last months from each of the regions. */
function stateOf(partition: string, regions: readonly number[]): PartitionState {
	const counts = regions.flatMap((region, at) => [1500, 700, 90].map((ago) => countOf(partition, region, NOW - ago - at)));
	const state = applyToPartition(undefined, counts, NOW - 1);
	if (state === undefined) throw new RangeError("accesses make a state");
	return state;
}

const countOf = (partition: string, region: number, hour: number): HourCount => ({
	partition,
	region: REGION_IDS[region] ?? "",
	segment: "",
	hour,
	reportHour: hour,
	count: 2,
});

async function* nextHour(file: string, size: number, heap: { bytes: number }): AsyncGenerator<string> {
	let index = 0;
	for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
		const [name, stored] = JSON.parse(line) as [string, unknown];
		const counts = index % TOUCHED === 0 ? [countOf(name, index % REGION_IDS.length, NOW)] : [];
		const state = applyToPartition(partitionStateSchema.parse(stored), counts, NOW);
		if (state !== undefined) yield lineOf(name, state);
		index += 1;
		if (index % Math.ceil(size / LOOKS) === 0) heap.bytes = Math.max(heap.bytes, bytesInUse());
	}
}

function bytesInUse(): number {
	collectGarbage();
	const { heapUsed, arrayBuffers } = process.memoryUsage();
	return heapUsed + arrayBuffers;
}
