import { readFileSync } from "node:fs";
import * as z from "zod";
import { UsageError } from "#cli/usage-error.ts";
import { type AccessPolicy, accessPolicySchema } from "#domain/access/policy.ts";

/** Reads an access policy as JSON (docs/internals/access.md). @throws UsageError */
export function readAccessFile(file: string): AccessPolicy {
	const parsed = accessPolicySchema.safeParse(readJson(file));
	if (parsed.success) return parsed.data;
	throw problem(file, z.prettifyError(parsed.error).replaceAll(/\s+/g, " "));
}

function readJson(file: string): unknown {
	try {
		return JSON.parse(readFileSync(file, "utf8"));
	} catch (error) {
		const reason =
			error instanceof SyntaxError ? "it is not JSON" : `it cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"})`;
		throw problem(file, `${reason}; give an access policy such as {"mode":"oidc","issuers":[...]}`);
	}
}

const problem = (file: string, text: string): UsageError => new UsageError(`--access ${file}: ${text}`);
