import { readFileSync } from "node:fs";
import { getLanguageService, TextDocument } from "amazon-states-language-service";
import aslValidator from "asl-validator";
import { expect, it } from "vitest";
import { FUNCTIONS } from "#infra/description/functions.ts";
import { functionSubstitution } from "#infra/description/state-machines.ts";

const source = readFileSync("state-machines/predict.asl.json", "utf8");
const substituted = source.replaceAll(/\$\{(\w+)\}/g, "arn:aws:lambda:us-east-1:000000000000:function:$1");

interface State {
	readonly Type: string;
	readonly Comment?: string;
	readonly Resource?: string;
	readonly Retry?: readonly unknown[];
	readonly ItemProcessor?: { readonly States: Readonly<Record<string, State>> };
}
const states = (machine: { readonly States: Readonly<Record<string, State>> }): readonly (readonly [string, State])[] =>
	Object.entries(machine.States).flatMap(([name, state]) => [
		[name, state] as const,
		...(state.ItemProcessor === undefined ? [] : states(state.ItemProcessor)),
	]);
const all = states(JSON.parse(source));

it("is valid for both validators", async () => {
	expect(aslValidator(JSON.parse(substituted))).toMatchObject({ isValid: true });
	const service = getLanguageService({});
	const document = TextDocument.create("predict.asl.json", "asl", 1, substituted);
	expect(await service.doValidation(document, service.parseJSONDocument(document))).toEqual([]);
});

it("calls functions that the description knows, and no other", () => {
	const known = new Set(FUNCTIONS.map(({ name }) => `\${${functionSubstitution(name)}}`));
	const tasks = all.filter(([, state]) => state.Type === "Task");
	expect(tasks.map(([name]) => name).sort()).toEqual(["DecidePlacement", "ForecastShard", "ListShards", "StartMigrations"]);
	for (const [, task] of tasks) expect(known).toContain(task.Resource);
});

it("repeats every task on failures that pass, and says what each state that works guarantees", () => {
	for (const [name, state] of all) {
		if (state.Type === "Task") expect(JSON.stringify(state.Retry), name).toContain("UnavailableError");
		if (["Task", "Map", "Choice", "Fail"].includes(state.Type)) expect(state.Comment, name).toMatch(/\w{3,}/);
	}
});

it("ends before the lease of a run and the next schedule do", async () => {
	const { RUN_SETTINGS } = await import("#domain/prediction/settings.ts");
	const longestFunctionSeconds = Math.max(
		...FUNCTIONS.filter(({ entry }) => entry.includes("predict-placement")).map((fn) => fn.timeoutSeconds),
	);
	expect(JSON.parse(source).TimeoutSeconds + longestFunctionSeconds).toBeLessThanOrEqual(RUN_SETTINGS.leaseMinutes * 60);
	expect(RUN_SETTINGS.leaseMinutes).toBeLessThan(60);
});

it("the counting function ends before a run takes its hour for closed", async () => {
	const { COUNT_SETTLE_SECONDS } = await import("#domain/prediction/hours.ts");
	expect(FUNCTIONS.find(({ name }) => name === "count-accesses")?.timeoutSeconds).toBeLessThanOrEqual(COUNT_SETTLE_SECONDS);
});
