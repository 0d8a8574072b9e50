import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { ALARMS } from "#infra/description/alarms.ts";
import { accessStreamName } from "#infra/description/event-sources.ts";
import { FUNCTIONS, functionName } from "#infra/description/functions.ts";
import { SCHEDULES } from "#infra/description/schedules.ts";
import { STATE_MACHINES, stateMachineName } from "#infra/description/state-machines.ts";
import { TABLES, tableName } from "#infra/description/tables.ts";

const PAGES = globSync("docs/runbooks/*.md").toSorted();
const alarms = ALARMS.map(({ name }) => name);

test.each(ALARMS)("the alarm $name has a runbook that names it", ({ name, runbook }) => {
	const file = `docs/runbooks/${runbook}.md`;
	expect(existsSync(file), file).toBe(true);
	const text = readFileSync(file, "utf8");
	// A page that several alarms share names each by its ending
	expect(text.includes(`-${name}\``) || text.includes(`heliotrope-<stage>-${name}\``), `${file} does not name ${name}`).toBe(true);
});

describe.each(PAGES)("%s", (page) => {
	const text = readFileSync(page, "utf8");
	const [beginning = ""] = text.split("\n\n").filter((paragraph) => paragraph.startsWith("**"));

	test("says first when it is meant", () => {
		expect(beginning).toMatch(/^\*\*(You see|When)\*\*: /);
	});

	test("begins with alarms that there are, each leading to this page", () => {
		const named = [...beginning.matchAll(/(?:alarms? `heliotrope-<stage>|(?:or|and) `)-([a-z-]+)`/g)].map(([, name = ""]) => name);
		expect(named.filter((name) => !alarms.includes(name))).toEqual([]);
		const leading = ALARMS.filter(({ runbook }) => `${runbook}.md` === basename(page)).map(({ name }) => name);
		expect(named).toEqual(expect.arrayContaining(leading));
	});

	test("names nothing of a deployment that is not there", () => {
		const stage = "<stage>";
		const there = new Set([
			...alarms.map((name) => `heliotrope-${stage}-${name}`),
			...FUNCTIONS.flatMap(({ name }) => [functionName(stage, name), `${functionName(stage, name)}-dead-letters`]),
			...TABLES.map(({ name }) => tableName(stage, name)),
			...STATE_MACHINES.map(({ name }) => stateMachineName(stage, name)),
			...SCHEDULES.map(({ name }) => `heliotrope-${stage}-${name}`),
			...["access-archive", "model"].map((name) => `heliotrope-${stage}-${name}`),
			accessStreamName(stage),
			`heliotrope-${stage}`,
		]);
		const named = [...text.matchAll(/heliotrope-<stage>(?:-[a-z]+)*/g)].map(([name]) => name);
		expect(named.filter((name) => !there.has(name))).toEqual([]);
	});
});

test.each(ALARMS.flatMap(({ name, metric }) => (metric.kind === "log" ? [{ name, ...metric }] : [])))(
	"lines that the alarm $name counts are written by $function",
	({ function: name, value }) => {
		const entry = FUNCTIONS.find((one) => one.name === name)?.entry ?? "";
		const sources = globSync(`${dirname(entry)}/*.ts`).map((file) => readFileSync(file, "utf8"));
		expect(sources.some((source) => source.includes(`"${value}"`))).toBe(true);
	},
);
