import type { EventEmitter } from "node:events";
import { Interruption } from "#cli/interruption.ts";
import { ProgressLine } from "#cli/replay/progress-line.ts";
import type { ThreadMessage } from "#cli/thread/thread-message.ts";

/** A worker, as far as it is used here. */
export type JobThread = EventEmitter & { terminate(): Promise<unknown> };
type Tell = Pick<NodeJS.WriteStream, "write"> & { readonly columns?: number; readonly isTTY?: boolean };

/** What the work came to: a result, or the exit code of a command that has told why there is none. */
export type JobOutcome<R> = { readonly result: R } | { readonly exitCode: number };

/**
 * Has a thread work while this one listens to Ctrl-C: reading and computing take their time without a pause. Shows its progress.
 *
 * @param name of the command, for a thread that dies without a word
 * @returns exit code 2 for what the user can put right, 1 for what nobody expected, 128 + signal when stopped
 */
export async function runInThread<R>(name: string, start: () => JobThread, tell: Tell): Promise<JobOutcome<R>> {
	const progress = new ProgressLine(tell);
	const interruption = new Interruption(progress.say.bind(progress), (code) => process.exit(code));
	const thread = start();
	const outcome = await Promise.race([outcomeOf<R>(name, thread, progress), interruption.requested]);
	progress.clear();
	await thread.terminate();
	if (outcome === undefined) {
		tell.write("stopped; nothing was written\n");
		await interruption.outlastEchoes();
		return { exitCode: interruption.exitCode };
	}
	if (outcome.kind === "result") return { result: outcome.result };
	tell.write(`heliotrope: ${outcome.explained ? "" : "something unexpected happened: "}${outcome.message}\n`);
	return { exitCode: outcome.explained ? 2 : 1 };
}

type Outcome<R> = Extract<ThreadMessage<R>, { kind: "result" | "failure" }>;

/** What the thread ends with; whatever else it says is shown. */
function outcomeOf<R>(name: string, thread: JobThread, progress: ProgressLine): Promise<Outcome<R>> {
	const failure = (message: string): Outcome<R> => ({ kind: "failure", explained: false, message });
	return new Promise((resolve) => {
		thread.on("message", (message: ThreadMessage<R>) => {
			if (message.kind === "progress") progress.show(message.phase, message.share);
			else if (message.kind === "warning") progress.say(`warning: ${message.text}`);
			else resolve(message);
		});
		thread.on("error", (error: unknown) => resolve(failure(error instanceof Error ? error.message : String(error))));
		thread.on("exit", (code: number) => resolve(failure(`the ${name} ended with code ${code} and said nothing`)));
	});
}
