import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { parseCostOptions, type RawCostOptions } from "#cli/cost-options.ts";
import { addCursorKeys } from "#cli/operate/cursor-keys.ts";
import { addEvents } from "#cli/operate/events.ts";
import type { Group } from "#cli/operate/group.ts";
import { addMigrations } from "#cli/operate/migrations.ts";
import { addPartitions } from "#cli/operate/partitions.ts";
import { addPredictions } from "#cli/operate/predictions.ts";
import { addFreeze, addRegions } from "#cli/operate/regions.ts";
import { addSavings } from "#cli/operate/savings.ts";
import { replayCommand } from "#cli/replay/replay-command.ts";
import { parseSimulateOptions, type RawSimulateOptions } from "#cli/simulate-options.ts";
import { parseStartOptions, type RawStartOptions } from "#cli/start-options.ts";
import { MODEL_HELP } from "#cli/train/choose-model.ts";
import { evaluateCommand, trainCommand } from "#cli/train/train-commands.ts";
import { UsageError } from "#cli/usage-error.ts";

/** Runs the command line (without `node` and the script); the exit code. */
export async function main(
	args: readonly string[],
	writeError: (text: string) => void = (text) => process.stderr.write(text),
	write: (text: string) => void = (text) => process.stdout.write(text),
): Promise<number> {
	let exitCode = 0;
	const program = new Command("heliotrope")
		.description("Moves each partition of an application's data to the region its users are about to be in.")
		.exitOverride()
		.showSuggestionAfterError(false)
		.version(version(), "-V, --version", "print the version")
		.configureOutput({ writeErr: () => undefined, writeOut: write });
	program.addCommand(
		startCommand(async (raw) => {
			const options = parseStartOptions(raw);
			// Loaded when it is known to be needed: a wrong flag is told at once.
			const { start } = await import("#cli/start.ts");
			exitCode = await start(options);
		}),
	);
	program.addCommand(
		simulateCommand(async (raw) => {
			const options = parseSimulateOptions(raw);
			const { simulate } = await import("#cli/simulate.ts");
			exitCode = await simulate(options);
		}),
	);
	program.addCommand(
		replayCommand(async (options) => {
			const { replay } = await import("#cli/replay/replay.ts");
			exitCode = await replay(options);
		}),
	);
	program.addCommand(
		trainCommand(async (options) => {
			const { train } = await import("#cli/train/train.ts");
			exitCode = await train(options);
		}),
	);
	program.addCommand(
		evaluateCommand(async (options) => {
			const { evaluate } = await import("#cli/train/train.ts");
			exitCode = await evaluate(options);
		}),
	);
	program.addCommand(
		costCommand(async (raw) => {
			const options = parseCostOptions(raw);
			const { cost } = await import("#cli/cost.ts");
			exitCode = await cost(options, write);
		}),
	);
	const operating: Group = {
		run: async (flags, work) => {
			const { operate } = await import("#cli/operate/operate.ts");
			exitCode = await operate(flags, { write, writeError }, work);
		},
	};
	for (const add of [addPartitions, addMigrations, addPredictions, addEvents, addRegions, addFreeze, addSavings, addCursorKeys])
		add(program, operating);
	try {
		await program.parseAsync([...args], { from: "user" });
		return exitCode;
	} catch (error) {
		return explain(error, program, writeError);
	}
}

const startCommand = (run: (raw: RawStartOptions) => Promise<void>): Command =>
	new Command("start")
		.description("run the local cloud with the demo world, or with a recorded access log")
		.option("--trace <file>", "an access log as the workload: CSV, JSON lines, CloudFront logs, Parquet, or a folder of them")
		.option("--partition-from <rule>", "where a CloudFront log names the partition: '/tenants/{partition}/*', host:…, query:…")
		.option("--from <time>", "play rows from this time on (UTC), for example 2023-01-01")
		.option("--to <time>", "play rows before this time (UTC)")
		.option("--speed <n|max>", "multiples of the wall clock, or max (default: 1440 for the demo world, max for a trace, 1 idle)")
		.option("--once", "stop at the end of the workload")
		.option("--report <file>", "write what was measured as JSON at the end")
		.option("--port <n>", "port of the edge, the admin API and the console; 0 picks a free one (default: 4600)")
		.option("--data <dir>", "keep all state here and resume from it (default: a temporary directory)")
		.option("--regions <list>", "regions, comma-separated (default: five for the demo world, nine for a trace)")
		.option("--headless", "no display, a line of progress on stderr every ten seconds")
		.option("--idle", "bring the cloud up without a workload")
		.option("--seed <n>", "another seed is another run (default: 1)")
		.option("--copies <n>", "copies of a partition at most, 1 to 5: placement decides how many, where, and who leads (default: 1)")
		.option("--follow <what>", "what moves a partition's only copy: the forecast of the week, or a plan by hours (default: week)")
		.option("--min-z-score <n>", "standard errors that a saving has to be above zero before data is copied for it (default: 1)")
		.option("--model <model>", `the model that the deployment begins with: ${MODEL_HELP} (default: pool, which came with the release)`)
		.option("--access <file>", "an access policy in JSON, with --idle (default: access control is off, every listener is loopback)")
		.option("--rtt <file>", "a CSV matrix of measured round-trip times in ms (default: a model of distance)")
		.allowExcessArguments(false)
		.exitOverride()
		.showSuggestionAfterError(false)
		.configureOutput({ writeErr: () => undefined })
		.action(run);

const simulateCommand = (run: (raw: RawSimulateOptions) => Promise<void>): Command =>
	new Command("simulate")
		.description("run the migration protocol under injected faults and check it")
		.option("--seeds <n>", "how many seeds to run (default: 2000)")
		.option("--seed <s>", "the first seed; without --seeds, this one alone with everything that happens")
		.option("--json <file>", "write the result as JSON")
		.option("--planted [bug]", "show that planted protocol bugs are found, all or one of them")
		.allowExcessArguments(false)
		.exitOverride()
		.showSuggestionAfterError(false)
		.configureOutput({ writeErr: () => undefined })
		.action(run);

const costCommand = (run: (raw: RawCostOptions) => Promise<void>): Command =>
	new Command("cost")
		.description("what a month costs in the regions of a settings file, against one region, global tables and a copy everywhere")
		.option("--settings <file>", "the settings file whose regions are counted")
		.option("--partitions <n>", "partitions (default: 1000)")
		.option("--requests <n>", "requests a month, all together (default: 10000000)")
		.option("--read-share <share>", "share of the requests that read, 0..1 (default: 0.8)")
		.option("--copies <k>", "copies of a partition, the leader's included (default: 2)")
		.option("--item-bytes <n>", "mean size of an item (default: 1024)")
		.option("--partition-bytes <n>", "mean size of a partition (default: 10000000)")
		.option("--moves <n>", "full moves of a partition a month (default: 2)")
		.option("--prices <file>", "prices of your own in JSON (docs/cost.md)")
		.option("--json <file>", "write the result as JSON instead")
		.allowExcessArguments(false)
		.exitOverride()
		.showSuggestionAfterError(false)
		.configureOutput({ writeErr: () => undefined })
		.action(run);

function version(): string {
	const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { readonly version: string };
	return version;
}

function explain(error: unknown, program: Command, writeError: (text: string) => void): number {
	if (error instanceof UsageError) {
		writeError(`heliotrope: ${error.message}\n`);
		return 2;
	}
	if (!(error instanceof CommanderError)) throw error;
	if (error.exitCode === 0) return 0;
	const known = program.commands.map((command) => command.name()).join(", ");
	const message =
		error.code === "commander.help" ? `give a command: ${known}` : error.message.replace(/^error: /, "").replaceAll(/\s+/g, " ");
	writeError(`heliotrope: ${message}${error.code === "commander.unknownCommand" ? `; known: ${known}` : ""} (--help tells more)\n`);
	return 2;
}
