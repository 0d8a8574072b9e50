import { Command } from "commander";
import { EVENTS_HELP, NO_HOLIDAYS_HELP } from "#cli/replay/outside-options.ts";
import { parseReplayOptions, type RawReplayOptions, REPLAY_DEFAULTS, type ReplayOptions } from "#cli/replay/replay-options.ts";
import { MODEL_HELP } from "#cli/train/choose-model.ts";

const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value];

/** `replay` as the command line knows it. */
export const replayCommand = (run: (options: ReplayOptions) => Promise<void>): Command =>
	new Command("replay")
		.description("would it have helped me? Plays placement policies on a recorded access log; no cloud needed")
		.option(
			"--trace <file>",
			"the access log: CSV, JSON lines, CloudFront logs, Parquet, or a folder of them; several are one log",
			collect,
		)
		.option("--partition-from <rule>", "where a CloudFront log names the partition: '/tenants/{partition}/*', host:…, query:…")
		.option("--from <time>", "rows from this time on (UTC), for example 2023-01-01")
		.option("--to <time>", "rows before this time (UTC)")
		.option("--regions <list>", "regions to choose from, comma-separated (default: nine)")
		.option("--policy <list>", "policies to show, comma-separated (default: all)")
		.option("--model <model>", `the model of predictive: ${MODEL_HELP} (default: one trained on the part that is not scored)`)
		.option("--copies <k>", `copies of each partition, 1 to 5 (default: ${REPLAY_DEFAULTS.copies})`)
		.option("--move-cost <ms>", `charge for a move, ms·accesses (default: ${REPLAY_DEFAULTS.moveCost})`)
		.option("--transfer-cost <ms>", `charge for a transfer of leadership, ms·accesses (default: ${REPLAY_DEFAULTS.transferCost})`)
		.option(
			"--read-share <s>",
			`share of accesses that the nearest copy may answer (default: ${REPLAY_DEFAULTS.readShare}: all go to the leader)`,
		)
		.option("--object-bytes <n>", "size of an object, for money, where the log does not tell (default: then nothing is said of money)")
		.option("--prices <file>", "prices of your own in JSON (docs/cost.md; default: list prices)")
		.option("--capacity <n>", "copies that each region holds at most, or REGION=N,…; binds predictive only (default: no limit)")
		.option("--copies-per-hour <n>", "copies that may be made in an hour; binds predictive only (default: no limit)")
		.option("--score-from <f>", `the part of the log, by volume, that trains and is not scored (default: ${REPLAY_DEFAULTS.scoreFrom})`)
		.option("--events <file>", EVENTS_HELP)
		.option("--no-holidays", NO_HOLIDAYS_HELP)
		.option("--rtt <file>", "a CSV matrix of measured round-trip times in ms (default: a model of distance)")
		.option("--seed <n>", `another seed is another resampling (default: ${REPLAY_DEFAULTS.seed})`)
		.option("--json <file>", "write the result as JSON")
		.option("--html <file>", "write a report with plots, one page that needs nothing else")
		.allowExcessArguments(false)
		.exitOverride()
		.showSuggestionAfterError(false)
		.configureOutput({ writeErr: () => undefined })
		.action((raw: RawReplayOptions) => run(parseReplayOptions(raw)));
