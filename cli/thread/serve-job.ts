import { isMainThread, parentPort, workerData } from "node:worker_threads";
import type { ThreadMessage } from "#cli/thread/thread-message.ts";
import { OperatingError } from "#domain/shared/errors.ts";

/** Who is told how far the work is. */
export interface JobListener {
	readonly onProgress: (phase: string, share?: number) => void;
	readonly onWarning: (text: string) => void;
}

/** Does the work that this thread was started for and says what came of it; nothing in the main thread. */
export function serveJob<J, R>(work: (job: J, listener: JobListener) => Promise<R>): void {
	if (isMainThread) return;
	const say = (message: ThreadMessage<R>): void => parentPort?.postMessage(message);
	const listener: JobListener = {
		onProgress: (phase, share) => say({ kind: "progress", phase, share }),
		onWarning: (text) => say({ kind: "warning", text }),
	};
	work(workerData as J, listener).then(
		(result) => say({ kind: "result", result }),
		(error: unknown) => {
			const explained = error instanceof OperatingError;
			const message = error instanceof Error ? (explained ? error.message : (error.stack ?? error.message)) : String(error);
			say({ kind: "failure", explained, message });
		},
	);
}
