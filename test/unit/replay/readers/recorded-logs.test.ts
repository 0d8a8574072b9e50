import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { surveyLog } from "#replay/readers/survey.ts";
import { locate } from "#test/unit/replay/readers/log-files.ts";

const TRACES = "../shared/traces";

/** Figures of the README beside each log. */
const LOGS = [
	{ name: "git_coreboot", rows: 89_669 },
	{ name: "git_openbmc", rows: 29_761 },
	{ name: "git_uboot", rows: 121_368 },
];

describe.skipIf(!existsSync(TRACES))("recorded logs (skipped without ../shared/traces)", () => {
	it.each(LOGS)("$name: every row is used or counted", async ({ name, rows }) => {
		const survey = await surveyLog({ file: `${TRACES}/${name}/trace.csv.gz`, locate });
		expect(survey.rows + survey.skipped.total).toBe(rows);
		expect(Object.keys(survey.skipped.toJSON())).toEqual(["ambiguous-tz"]);
		expect(survey.firstMs).toBeLessThan(survey.lastMs);
	});
});
