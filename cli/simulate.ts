import { writeFileSync } from "node:fs";
import { formatCount, formatDuration, plural } from "#cli/display/format.ts";
import { Interruption } from "#cli/interruption.ts";
import type { SimulateOptions } from "#cli/simulate-options.ts";
import { UsageError } from "#cli/usage-error.ts";
import { PLANTED_BUGS, type PlantedBug } from "#simulation/planted/bugs.ts";
import { searchPlanted } from "#simulation/planted/search.ts";
import { replaySeed, replayShrunk } from "#simulation/replay.ts";
import { runParallel } from "#simulation/run-parallel.ts";
import type { FoundViolation, Tally } from "#simulation/run-seeds.ts";

/** Where the command writes: results to `write`, progress to `tell`, a line each. */
export interface Output {
	readonly write: (line: string) => void;
	readonly tell: (line: string) => void;
}

const TO_TERMINAL: Output = {
	write: (line) => void process.stdout.write(`${line}\n`),
	tell: (line) => void process.stderr.write(`${line}\n`),
};

/** A planted bug has to be found within as many. */
const PLANTED_SEEDS = 2_000;
const PROGRESS_MS = 5_000;

/** Runs the protocol under injected faults; the exit code: 1 if anything was violated, 128 + signal when it was stopped. */
export async function simulate(options: SimulateOptions, output: Output = TO_TERMINAL): Promise<number> {
	if (options.planted !== undefined) return showPlanted(options, options.planted, output);
	return options.replay ? replay(options, output) : check(options, output);
}

async function check({ first, count, json }: SimulateOptions, output: Output): Promise<number> {
	const startedMs = performance.now();
	const seconds = (): number => (performance.now() - startedMs) / 1000;
	const interruption = new Interruption(output.tell, (code) => process.exit(code));
	let toldMs = startedMs;
	const { finished, stop } = runParallel({ first, count }, (tally) => {
		if (performance.now() - toldMs < PROGRESS_MS) return;
		toldMs = performance.now();
		output.tell(`${formatCount(tally.seeds)} of ${formatCount(count)} seeds, ${plural(tally.violations.length, "violation")}`);
	});
	void interruption.requested.then(stop);
	const tally = await finished;
	if (json !== undefined) writeFileSync(json, `${JSON.stringify({ ...tally, seconds: Number(seconds().toFixed(3)) }, null, "\t")}\n`);
	for (const line of summarise(tally, seconds())) output.write(line);
	const [worst] = tally.violations;
	if (worst !== undefined && !interruption.isRequested) await explain(worst, output);
	await interruption.outlastEchoes();
	if (tally.violations.length > 0) return 1;
	return interruption.exitCode;
}

function summarise({ seeds, migrations, promotions, operations, faults, violations }: Tally, seconds: number): readonly string[] {
	const shown = violations.slice(0, 20).map(({ seed, invariant, detail }) => `seed ${seed}: ${invariant}: ${detail}`);
	const more = violations.length > shown.length ? [`and ${formatCount(violations.length - shown.length)} more`] : [];
	const did = [plural(migrations, "migration"), plural(promotions, "promotion")];
	const counts = [plural(seeds, "seed"), ...did, plural(operations, "operation"), plural(faults, "fault")];
	return [...shown, ...more, `${counts.join(", ")}: ${plural(violations.length, "violation")}, in ${formatDuration(seconds)}`];
}

/** What is left of a failing seed once everything it does not need is taken away. */
async function explain({ seed, invariant }: FoundViolation, { write, tell }: Output, bug?: PlantedBug): Promise<void> {
	tell(`shrinking seed ${seed}`);
	const { scenario, timeline, result } = await replayShrunk(seed, invariant, bug?.weaken);
	write(`\nshrunk from seed ${seed}: ${JSON.stringify(scenario)}`);
	for (const line of timeline) write(line);
	for (const violation of result.violations) write(`${violation.invariant}: ${violation.detail}`);
	const planted = bug === undefined ? "" : ` --planted "${bug.name}"`;
	write(`\nreplay: npx heliotrope simulate --seed ${seed}${planted}`);
}

async function replay({ first, json }: SimulateOptions, output: Output, bug?: PlantedBug): Promise<number> {
	const startedMs = performance.now();
	const { result, timeline } = await replaySeed(first, bug?.weaken);
	for (const line of timeline) output.write(line);
	const violations = result.violations.map((violation) => ({ seed: first, ...violation }));
	const tally: Tally = { ...result, seeds: 1, violations };
	const seconds = (performance.now() - startedMs) / 1000;
	if (json !== undefined) writeFileSync(json, `${JSON.stringify({ ...tally, seconds: Number(seconds.toFixed(3)) }, null, "\t")}\n`);
	for (const line of summarise(tally, seconds)) output.write(line);
	const [worst] = violations;
	if (worst !== undefined) await explain(worst, output, bug);
	return violations.length > 0 ? 1 : 0;
}

async function showPlanted(options: SimulateOptions, wanted: string | true, output: Output): Promise<number> {
	const bugs = wanted === true ? PLANTED_BUGS : PLANTED_BUGS.filter(({ name }) => name === wanted);
	const [bug] = bugs;
	if (bug === undefined)
		throw new UsageError(`--planted ${JSON.stringify(wanted)} is none of: ${PLANTED_BUGS.map(({ name }) => name).join(", ")}`);
	if (options.replay) return replay(options, output, bug);
	let missed = 0;
	output.write("| planted bug | seeds until found | by |\n| --- | --- | --- |");
	for (const one of bugs) {
		const found = await searchPlanted(one, PLANTED_SEEDS);
		output.write(`| ${one.name} | ${found?.seed ?? "not found"} | ${found?.invariant ?? ""} |`);
		if (found === undefined) missed += 1;
		else if (wanted !== true) await explain(found, output, one);
	}
	return missed > 0 ? 1 : 0;
}
