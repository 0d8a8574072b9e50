import { readFileSync } from "node:fs";
import { getLanguageService, TextDocument } from "amazon-states-language-service";
import aslValidator from "asl-validator";
import { expect, it } from "vitest";
import { FUNCTIONS } from "#infra/description/functions.ts";
import { functionSubstitution } from "#infra/description/state-machines.ts";

const source = readFileSync("state-machines/train.asl.json", "utf8");
const substituted = source.replaceAll(/\$\{(\w+)\}/g, "arn:aws:lambda:us-east-1:000000000000:function:$1");

interface State {
	readonly Type: string;
	readonly Comment?: string;
	readonly Resource?: string;
	readonly Seconds?: number;
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

it("stays far from 25,000 events while it waits as long as it may", () => {
	const waits = states.flatMap(([, { Type, Seconds = 0 }]) => (Type === "Wait" ? [Seconds] : []));
	// a round is a wait, a task with its events, and a choice
	const EVENTS_A_ROUND = 2 + 5 + 2;
	expect((machine.TimeoutSeconds / Math.min(...waits)) * EVENTS_A_ROUND).toBeLessThan(25_000 / 2);
});
