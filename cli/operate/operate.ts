import { AdminApi } from "#cli/operate/admin-api.ts";
import { connect } from "#cli/operate/connection.ts";
import { AdminRefusal, UnreachableError } from "#cli/operate/failures.ts";
import type { OperatingFlags, Operator } from "#cli/operate/operation.ts";

/** Where an operating command writes. */
interface Terminal {
	write(text: string): void;
	writeError(text: string): void;
}

/**
 * Runs one command against a deployment; the exit code. 2 and one line for what the operator can put right (flags, an unknown
 * partition, a conflict, nobody there), 1 where the deployment failed. @throws UsageError
 */
export async function operate(
	flags: OperatingFlags,
	terminal: Terminal,
	work: (operator: Operator) => Promise<number>,
	environment: NodeJS.ProcessEnv = process.env,
): Promise<number> {
	const json = flags.json === true;
	process.stdout.off("error", endWithReader).on("error", endWithReader);
	const operator: Operator = {
		api: new AdminApi(connect(flags, environment)),
		json,
		print: (answer, human) =>
			terminal.write(
				json
					? `${JSON.stringify(answer, null, 2)}\n`
					: human(answer)
							.map((line) => `${line}\n`)
							.join(""),
			),
		say: (line) => (json ? terminal.writeError(`${line}\n`) : terminal.write(`${line}\n`)),
		sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
	};
	try {
		return await work(operator);
	} catch (error) {
		if (error instanceof UnreachableError) return failed(terminal, error.message, 2);
		if (error instanceof AdminRefusal) return failed(terminal, `${error.message} (${error.code})`, error.status < 500 ? 2 : 1);
		throw error;
	}
}

/** Whoever read along, such as `head`, has seen enough. */
function endWithReader(error: NodeJS.ErrnoException): void {
	if (error.code !== "EPIPE") throw error;
	process.exit(0);
}

function failed(terminal: Terminal, message: string, exitCode: number): number {
	terminal.writeError(`heliotrope: ${message.replaceAll(/\s+/g, " ")}\n`);
	return exitCode;
}
