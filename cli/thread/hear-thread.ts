import type { EventEmitter } from "node:events";
import type { JobListener } from "#cli/thread/serve-job.ts";
import type { ThreadMessage } from "#cli/thread/thread-message.ts";

/** A worker, as far as it is used here. */
export type JobThread = EventEmitter & { terminate(): Promise<unknown> };

/** What the work of a thread came to. */
export type ThreadOutcome<R> = Extract<ThreadMessage<R>, { kind: "result" | "failure" }>;

/**
 * What a thread ends with; the listener hears whatever else it says.
 *
 * @param name of the work, for a thread that dies without a word
 */
export function hearThread<R>(name: string, thread: JobThread, { onProgress, onWarning }: JobListener): Promise<ThreadOutcome<R>> {
	const failure = (message: string): ThreadOutcome<R> => ({ kind: "failure", explained: false, message });
	return new Promise((resolve) => {
		thread.on("message", (message: ThreadMessage<R>) => {
			if (message.kind === "progress") onProgress(message.phase, message.share);
			else if (message.kind === "warning") onWarning(message.text);
			else resolve(message);
		});
		thread.on("error", (error: unknown) => resolve(failure(error instanceof Error ? error.message : String(error))));
		thread.on("exit", (code: number) => resolve(failure(`the ${name} ended with code ${code} and said nothing`)));
	});
}
