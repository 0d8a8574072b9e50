import type { LogFile } from "#cli/log-file.ts";
import { ExplainedFailure } from "#cli/thread/explained-failure.ts";
import { UsageError } from "#cli/usage-error.ts";
import { StartupError } from "#local/startup-error.ts";
import { OtherRunError } from "#local/workload/ledger.ts";
import { LogError } from "#replay/readers/log-error.ts";

/** Failures that the user can put right: one line says how, exit 2. */
const EXPLAINED = [UsageError, StartupError, LogError, OtherRunError, ExplainedFailure];

/** Tells of a failure in one line, never with a stack trace, and returns the exit code: 2 for what the user can put right, else 1. */
export function reportFailure(error: unknown, log: Pick<LogFile, "path" | "writeError">, write: (line: string) => void): number {
	const message = oneLine(error instanceof Error ? error.message : String(error));
	if (EXPLAINED.some((kind) => error instanceof kind)) {
		write(`heliotrope: ${message}\n`);
		return 2;
	}
	log.writeError(error);
	write(`heliotrope: something unexpected happened: ${message || "no message"}; the details are in ${log.path}\n`);
	return 1;
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").slice(0, 1000);
