import { Command } from "commander";
import { EVENTS_HELP, NO_HOLIDAYS_HELP } from "#cli/replay/outside-options.ts";
import { MODEL_HELP } from "#cli/train/choose-model.ts";
import {
	type EvaluateOptions,
	parseEvaluateOptions,
	parseTrainOptions,
	type RawEvaluateOptions,
	type RawTrainOptions,
	type TrainOptions,
} from "#cli/train/train-options.ts";

const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value];

const onLog = (name: string, description: string): Command =>
	new Command(name)
		.description(description)
		.option("--trace <file>", "the access log, or a folder of logs; several are one log", collect)
		.option("--partition-from <rule>", "where a CloudFront log names the partition: '/tenants/{partition}/*', host:…, query:…")
		.option("--from <time>", "rows from this time on (UTC)")
		.option("--to <time>", "rows before this time (UTC)")
		.option("--regions <list>", "regions, comma-separated (default: nine)")
		.option("--rtt <file>", "a CSV matrix of measured round-trip times in ms (default: a model of distance)")
		.allowExcessArguments(false)
		.exitOverride()
		.showSuggestionAfterError(false)
		.configureOutput({ writeErr: () => undefined });

/** `train` as the command line knows it. */
export const trainCommand = (run: (options: TrainOptions) => Promise<void>): Command =>
	onLog("train", "train the forecasting model on a recorded access log")
		.option("--out <dir>", "write model.json and evaluation.json there")
		.option("--held-out <days>", "newest days that judge the model and do not train it (default: 28)")
		.option("--seed <n>", "another seed is another order of training (default: 1)")
		.action((raw: RawTrainOptions) => run(parseTrainOptions(raw)));

/** `evaluate` as the command line knows it. */
export const evaluateCommand = (run: (options: EvaluateOptions) => Promise<void>): Command =>
	onLog("evaluate", "score a forecasting model on a recorded access log")
		.option("--model <dir>", `${MODEL_HELP} (default: pool, which came with the release)`)
		.option("--score-from <f>", "the part of the log, by volume, that only fills the counts (default: 0.5)")
		.option("--events <file>", EVENTS_HELP)
		.option("--no-holidays", NO_HOLIDAYS_HELP)
		.option("--json <file>", "write the scores as JSON")
		.action((raw: RawEvaluateOptions) => run(parseEvaluateOptions(raw)));
