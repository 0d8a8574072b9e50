import type { Command } from "commander";
import * as z from "zod";
import type { AdminApi } from "#cli/operate/admin-api.ts";
import { renderFields, renderTable } from "#cli/operate/columns.ts";
import type { ConnectionFlags } from "#cli/operate/connection.ts";
import { UnreachableError } from "#cli/operate/failures.ts";

/** What an operating command works with. */
export interface Operator {
	readonly api: Pick<AdminApi, "get" | "send">;
	/** Prints an answer: as it is with `--json`, else as the lines that `human` makes of it. */
	print(answer: unknown, human: (answer: unknown) => readonly string[]): void;
	/** Prints one line, to stderr with `--json`, so that stdout stays JSON. */
	say(line: string): void;
	readonly json: boolean;
	sleep(ms: number): Promise<void>;
}

/** The flags that every operating command has. */
export type OperatingFlags = ConnectionFlags & { readonly json?: boolean };

/** Adds the flags by which a deployment is found. */
export const withConnection = (command: Command): Command =>
	command
		.option("--endpoint <url>", "where the deployment is (default: http://127.0.0.1:4600)")
		.option("--token <token>", "the admin token of a local cloud (default: HELIOTROPE_ADMIN_TOKEN)")
		.option("--data <dir>", "the data directory of a local cloud, which says where it listens and has its admin token")
		.option("--outputs <file>", "the file that cdk deploy --outputs-file wrote; requests are signed with IAM")
		.option("--json", "print what the admin API answers, as it is");

/** Reads what a table needs of an answer. @throws UnreachableError when the other side speaks another language */
export function read<T>(schema: z.ZodType<T>, answer: unknown): T {
	const parsed = schema.safeParse(answer);
	if (parsed.success) return parsed.data;
	throw new UnreachableError(`the admin API answered another shape: ${z.prettifyError(parsed.error).replaceAll("\n", " ")}`);
}

/** The fields of an object answer as lines. */
export const fieldsOf = (answer: unknown): readonly string[] => renderFields(read(z.record(z.string(), z.unknown()), answer));

/** A list answer as a table, with a line on how to go on where there is more. */
export function listOf<T>(
	schema: z.ZodType<{ readonly rows: readonly T[]; readonly cursor?: string | undefined }>,
	heading: readonly string[],
	row: (one: T) => readonly string[],
): (answer: unknown) => readonly string[] {
	return (answer) => {
		const { rows, cursor } = read(schema, answer);
		const table = rows.length === 0 ? ["none"] : renderTable(heading, rows.map(row));
		return cursor === undefined ? table : [...table, `more: --cursor ${cursor}`];
	};
}

/** The schema of a list answer whose rows are under `plural`. */
export const pageOf = <T>(plural: string, one: z.ZodType<T>) =>
	z
		.looseObject({ [plural]: z.array(one), cursor: z.string().optional() })
		.transform((page) => ({ rows: page[plural] as readonly T[], ...(page.cursor === undefined ? {} : { cursor: String(page.cursor) }) }));
