import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ALARMS } from "#infra/description/alarms.ts";

test.each(ALARMS)("the alarm $name has a runbook that names it", ({ name, runbook }) => {
	const file = `docs/runbooks/${runbook}.md`;
	expect(existsSync(file), file).toBe(true);
	const text = readFileSync(file, "utf8");
	// A page that several alarms share names each by its ending
	expect(text.includes(`-${name}`) || text.includes(`heliotrope-<stage>-${name}`), `${file} does not name ${name}`).toBe(true);
});
