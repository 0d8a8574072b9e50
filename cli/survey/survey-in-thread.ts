import { Worker } from "node:worker_threads";
import type { NamedLog } from "#cli/access-log-of.ts";
import { ExplainedFailure } from "#cli/thread/explained-failure.ts";
import { hearThread, type JobThread } from "#cli/thread/hear-thread.ts";
import { nameOfLog } from "#replay/readers/access-log.ts";
import { LogError } from "#replay/readers/log-error.ts";
import type { LogSurvey } from "#replay/readers/survey.ts";

/** What a first pass finds in a log, as plain values. */
export type FoundInLog = Omit<LogSurvey, "skipped"> & { readonly rowsSkipped: Readonly<Record<string, number>> };

/** Does something after some wall ms; what it returns takes that back. */
type After = (ms: number, act: () => void) => () => void;

/** What a survey needs beside the log. */
export interface SurveyOptions {
	/** Hears in words how far it is. */
	readonly onProgress: (text: string) => void;
	/** Resolves when it is to be given up. */
	readonly stopped: Promise<void>;
	readonly start?: (log: NamedLog) => JobThread;
	readonly after?: After;
}

/** The thread says once a second that it is alive. Only what never comes to an end is silent for so long, such as a damaged page of Parquet. */
const SILENCE_MS = 60_000;

/** Begins to read a log in a thread of its own. */
export const startThread = (log: NamedLog): Worker => new Worker(new URL("./survey-thread.ts", import.meta.url), { workerData: log });

const afterOnWall: After = (ms, act) => {
	const timer = setTimeout(act, ms);
	return () => clearTimeout(timer);
};

/**
 * Has a thread read a log once to its end, while this one listens to Ctrl-C: what is damaged can keep a reader busy without a pause.
 *
 * @returns undefined where it was stopped
 * @throws ExplainedFailure where the log cannot be used, LogError where a minute passes without a sign of life
 */
export async function surveyInThread(log: NamedLog, options: SurveyOptions): Promise<FoundInLog | undefined> {
	const { onProgress, stopped, start = startThread, after = afterOnWall } = options;
	const thread = start(log);
	const { promise: silence, resolve: onSilence } = Promise.withResolvers<"silence">();
	const wait = (): (() => void) => after(SILENCE_MS, () => onSilence("silence"));
	let stopWaiting = wait();
	const listener = {
		onWarning: onProgress,
		onProgress: (text: string) => {
			stopWaiting();
			stopWaiting = wait();
			onProgress(text);
		},
	};
	try {
		const outcome = await Promise.race([hearThread<FoundInLog>("survey of the log", thread, listener), silence, stopped]);
		if (outcome === undefined) return undefined;
		if (outcome === "silence") throw silentLog(log);
		if (outcome.kind === "result") return outcome.result;
		throw outcome.explained ? new ExplainedFailure(outcome.message) : new Error(outcome.message);
	} finally {
		stopWaiting();
		await thread.terminate();
	}
}

const silentLog = ({ file }: NamedLog): LogError =>
	new LogError("log.unreadable", nameOfLog(file), "reading it has come to nothing for a minute: the file is damaged; fetch it again");
