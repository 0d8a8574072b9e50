import type { Histories } from "#test/e2e/chaos/histories.ts";
import type { Tally } from "#test/e2e/chaos/tally.ts";

interface Summarized {
	readonly seed: number;
	readonly seconds: number;
	readonly migrations: Readonly<Record<string, number>>;
	readonly tally: Tally;
	readonly histories: Histories;
}

/** What happened, a line a subject. */
export function summarize({ seed, seconds, migrations, tally, histories }: Summarized): string {
	const keys = histories.all();
	const operations = keys.reduce((sum, { operations }) => sum + operations.length, 0);
	const rows: readonly (readonly [string, string])[] = [
		["seed", `${seed}, ${seconds.toFixed(0)} s`],
		[
			"migrations",
			Object.entries(migrations)
				.map(([state, count]) => `${state} ${count}`)
				.join(", "),
		],
		["started", `${tally.list("started ")}; asked ${tally.list("asked ")}`],
		["faults", tally.list("fault ")],
		["operations", `${operations} on ${keys.length} keys; answered ${tally.sum("answered")}, lists ${tally.sum("listed")}`],
		["unknown outcomes", `${tally.sum("unknown outcome")}; requests without an answer ${tally.sum("no answer")}`],
		["refusals", tally.list("refused ")],
		["violations", String(tally.violations.length)],
	];
	return rows.map(([name, text]) => `${name.padEnd(18)}${text}`).join("\n");
}
