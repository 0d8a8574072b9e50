import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * What runs functions in sandboxes, or under the key of the function that runs; chaos meets the ways that are taken seldom, and is not run
 * twice: the test of it does the same in little.
 */
const RUNS: readonly (readonly [string, ...string[]])[] = [
	["npx", "vitest", "run", "test/e2e", "test/integration/training", "--exclude", "test/e2e/chaos/**"],
	["node", "test/e2e/chaos/main.ts", "--migrations", "40"],
];
const RECORD = "test/infra/recorded-calls.json";

/** Makes the committed record anew: what functions needed of AWS in all of this, by function. */
function main(): number {
	const directory = mkdtempSync(join(tmpdir(), "heliotrope-calls-"));
	try {
		const env = { ...process.env, HELIOTROPE_RECORD_CALLS: directory, HELIOTROPE_FOLLOW_SUN: "1" };
		for (const [command, ...args] of RUNS) {
			if (spawnSync(command, args, { env, stdio: "inherit" }).status === 0) continue;
			process.stderr.write(`${command} ${args.join(" ")} failed: the record is as it was\n`);
			return 1;
		}
		writeFileSync(RECORD, `${JSON.stringify(collect(directory), undefined, "\t")}\n`);
		return 0;
	} finally {
		rmSync(directory, { recursive: true, force: true });
	}
}

function collect(directory: string): Readonly<Record<string, readonly string[]>> {
	const lines = readdirSync(directory).flatMap((file) => readFileSync(join(directory, file), "utf8").trim().split("\n"));
	const pairs = [...new Set(lines)].toSorted().map((line) => line.split("\t") as [string, string]);
	return Object.fromEntries([...Map.groupBy(pairs, ([name]) => name)].map(([name, of]) => [name, of.map(([, line]) => line)]));
}

process.exitCode = main();
