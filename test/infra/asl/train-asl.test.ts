import { readFileSync } from "node:fs";
import { getLanguageService, TextDocument } from "amazon-states-language-service";
import aslValidator from "asl-validator";
import { describe, expect, it } from "vitest";
import { TRAINING_SETTINGS } from "#domain/prediction/training/settings.ts";
import { FUNCTIONS } from "#infra/description/functions.ts";
import { functionSubstitution } from "#infra/description/state-machines.ts";

const source = readFileSync("state-machines/train.asl.json", "utf8");
const substituted = source.replaceAll(/\$\{(\w+)\}/g, "arn:aws:lambda:us-east-1:000000000000:function:$1");

interface State {
	readonly Type: string;
	readonly Comment?: string;
	readonly Resource?: string;
	readonly Seconds?: number;
	readonly Retry?: readonly { readonly ErrorEquals: readonly string[]; readonly MaxAttempts?: number }[];
	readonly Catch?: readonly { readonly ErrorEquals: readonly string[] }[];
	readonly ItemProcessor?: { readonly States: Readonly<Record<string, State>> };
}
const statesOf = (machine: { readonly States: Readonly<Record<string, State>> }): readonly (readonly [string, State])[] =>
	Object.entries(machine.States).flatMap(([name, state]) => [
		[name, state] as const,
		...(state.ItemProcessor === undefined ? [] : statesOf(state.ItemProcessor)),
	]);
const machine = JSON.parse(source);
const states = statesOf(machine);

it("is valid for both validators", async () => {
	expect(aslValidator(JSON.parse(substituted))).toMatchObject({ isValid: true });
	const service = getLanguageService({});
	const document = TextDocument.create("train.asl.json", "asl", 1, substituted);
	expect(await service.doValidation(document, service.parseJSONDocument(document))).toEqual([]);
});

it("calls every function of the training, and no other", () => {
	const resources = states.flatMap(([, { Resource }]) => Resource ?? []);
	const described = FUNCTIONS.filter(({ entry }) => entry === "lambdas/train-model/handler.ts").map(
		({ name }) => `\${${functionSubstitution(name)}}`,
	);
	expect(resources.toSorted()).toEqual(described.toSorted());
});

it("repeats every task on failures that pass, and says what each state that works guarantees", () => {
	for (const [name, state] of states) {
		if (state.Type === "Task") expect(JSON.stringify(state), name).toContain("UnavailableError");
		if (state.Type !== "Succeed") expect(state.Comment, name).toMatch(/\w{3,}/);
	}
});

describe("one execution that exports as many days as are counted, and waits as long as it may", () => {
	const days = TRAINING_SETTINGS.maxDays;

	it("stays below 25,000 events", () => {
		const waits = states.flatMap(([, { Type, Seconds = 0 }]) => (Type === "Wait" ? [Seconds] : []));
		// a round is a wait, a task with its events, and a choice
		const EVENTS_A_ROUND = 2 + 5 + 2;
		const rounds = (machine.TimeoutSeconds / Math.min(...waits)) * EVENTS_A_ROUND;
		// an iteration starts and succeeds; its task is entered, scheduled, started, has succeeded and is exited
		const exported = days * (2 + 5);
		// each further attempt is failed, scheduled, started: one day may use them up, or the run has no time for the rest
		const retries = states.reduce(
			(sum, [, { Retry = [] }]) => sum + 3 * Math.max(0, ...Retry.map(({ MaxAttempts = 3 }) => MaxAttempts)),
			0,
		);
		expect(rounds + exported + retries).toBeLessThan(25_000 * 0.6);
		// even where every day does
		const [, { Retry = [] }] = states.find(([name]) => name === "ExportTrainingDay") as (typeof states)[number];
		expect(rounds + exported + retries + days * 3 * (Retry[0]?.MaxAttempts ?? 0)).toBeLessThan(25_000);
	});

	it("stays far below 256 KiB: days are numbers, and what was exported are three", () => {
		const all = Array.from({ length: days }, () => ({ day: 20_000, rows: 1e9, accesses: 1e15 }));
		const payload = {
			scheduledTime: "2030-01-06T03:20:00Z",
			name: `heliotrope-${"s".repeat(20)}-train-20300106-0320`,
			throughDay: 20_000,
			days: all.map(({ day }) => ({ day })),
			exported: all,
		};
		expect(JSON.stringify(payload).length).toBeLessThan(262_144 / 4);
	});
});
