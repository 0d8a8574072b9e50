import { parentPort, Worker } from "node:worker_threads";
import { REGIONS } from "#domain/geography/regions.ts";
import { OperatingError } from "#domain/shared/errors.ts";
import { readContext } from "#predictor/container/context.ts";
import { readHyperparameters } from "#predictor/container/hyperparameters.ts";
import type { MlPaths } from "#predictor/container/ml-paths.ts";
import { readChannel } from "#predictor/container/read-channel.ts";
import { type TrainedCandidate, trainCandidate } from "#predictor/training/train-candidate.ts";

/** What a training came to: a candidate, or a message that says why there is none. */
export type Outcome = ({ readonly ok: true } & TrainedCandidate) | { readonly ok: false; readonly message: string };

/** Training in a thread of its own: it computes for minutes, in which this one still hears signals. */
export interface TrainingThread {
	readonly outcome: Promise<Outcome>;
	/** Ends it, whatever it does. */
	end(): Promise<unknown>;
}

/** Starts the entry point of this process as a thread, which runs `runApart`. */
export function startApart(): TrainingThread {
	// what is loaded into a process before it listens to standard input, which a thread does not have
	const worker = new Worker(process.argv[1] ?? "", { execArgv: [] });
	const outcome = new Promise<Outcome>((resolve) => {
		worker.once("message", resolve);
		worker.once("error", (error) => resolve({ ok: false, message: unexpected(error) }));
		worker.once("exit", () => resolve({ ok: false, message: "unexpected: the training ended without a model" }));
	});
	return { outcome, end: () => worker.terminate() };
}

/** What the thread does: trains a candidate and tells the outcome. */
export async function runApart(paths: MlPaths, environment: Readonly<Record<string, string | undefined>>): Promise<void> {
	parentPort?.postMessage(await outcomeOf(() => run(paths, environment["TRAINING_JOB_NAME"] ?? "candidate")));
}

async function outcomeOf(work: () => Promise<TrainedCandidate>): Promise<Outcome> {
	try {
		return { ok: true, ...(await work()) };
	} catch (error) {
		return { ok: false, message: error instanceof OperatingError ? error.message : unexpected(error) };
	}
}

const unexpected = (error: unknown): string => `unexpected: ${error instanceof Error ? error.stack : String(error)}`;

async function run(paths: MlPaths, jobName: string): Promise<TrainedCandidate> {
	const asked = readHyperparameters(paths.hyperparameters);
	const context = readContext(paths.channel("context"), jobName);
	const regions = asked.regions ?? context.regions ?? REGIONS.map(({ id }) => id);
	const { history, rows, skipped } = await readChannel(paths.channel("train"), regions);
	const left = Object.entries(skipped).map(([reason, n]) => `${n} ${reason}`);
	console.log(`${rows} rows, ${history.cells.hour.length} counts${left.length === 0 ? "" : `; skipped: ${left.join(", ")}`}`);
	return trainCandidate(history, {
		...context,
		windowsHours: asked.windows ?? context.windowsHours,
		heldOutDays: asked.held_out_days ?? context.heldOutDays,
		...(asked.epochs === undefined ? {} : { epochs: asked.epochs }),
		...(asked.seed === undefined ? {} : { seed: asked.seed }),
	});
}
