import { Interruption } from "#cli/interruption.ts";
import { ProgressLine } from "#cli/replay/progress-line.ts";
import { hearThread, type JobThread } from "#cli/thread/hear-thread.ts";

type Tell = Pick<NodeJS.WriteStream, "write"> & { readonly columns?: number; readonly isTTY?: boolean };

const TICK_MS = 1_000;

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
	const listener = { onProgress: progress.show.bind(progress), onWarning: (text: string) => progress.say(`warning: ${text}`) };
	const thread = start();
	const ticking = setInterval(() => progress.tick(), TICK_MS);
	const outcome = await Promise.race([hearThread<R>(name, thread, listener), interruption.requested]);
	clearInterval(ticking);
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
