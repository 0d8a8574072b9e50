import { readFileSync } from "node:fs";
import { ASL_SCHEMA, getLanguageService, TextDocument } from "amazon-states-language-service";
import validate from "asl-validator";
import { describe, expect, it } from "vitest";
import * as errors from "#domain/migration/errors.ts";
import { Stage, TRANSITIONS } from "#domain/migration/stages.ts";
import { OperatingError } from "#domain/shared/errors.ts";
import { FUNCTIONS } from "#infra/description/functions.ts";
import { functionSubstitution } from "#infra/description/state-machines.ts";

const text = readFileSync(new URL("../../../state-machines/migrate.asl.json", import.meta.url), "utf8");
const arnOf = (name: string) => `arn:aws:lambda:eu-west-1:123456789012:function:heliotrope-test-${name}`;
const arns = new Map(FUNCTIONS.map(({ name }) => [functionSubstitution(name), arnOf(name)]));
const substituted = text.replaceAll(/\$\{(\w+)\}/g, (_, key: string) => arns.get(key) ?? `missing ${key}`);

interface State {
	readonly Type: string;
	readonly Comment?: string;
	readonly Resource?: string;
	readonly Next?: string;
	readonly Default?: string;
	readonly TimeoutSeconds?: number;
	readonly Choices?: readonly { readonly Variable: string; readonly StringEquals: string; readonly Next: string }[];
	readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
	readonly Retry?: readonly { readonly ErrorEquals: readonly string[] }[];
}
const machine = JSON.parse(substituted) as { TimeoutSeconds: number; States: Record<string, State> };
const states = machine.States;
const stages = Object.values(Stage);

/** The stages that a stage may be followed by: over choices and waits, catches left out. */
function stagesAfter(name: string, seen = new Set<string>()): Set<string> {
	const state = states[name];
	const found = new Set<string>();
	for (const next of [state?.Next, state?.Default, ...(state?.Choices ?? []).map((choice) => choice.Next)]) {
		if (next === undefined || seen.has(next)) continue;
		seen.add(next);
		if (next in TRANSITIONS) found.add(next);
		else for (const stage of stagesAfter(next, seen)) found.add(stage);
	}
	return found;
}

describe("state-machines/migrate.asl.json", () => {
	it("is clean for asl-validator", () => {
		expect(validate(JSON.parse(substituted))).toMatchObject({ isValid: true, errors: [] });
	});

	it("is clean for the Amazon States Language service", async () => {
		const service = getLanguageService({});
		const document = TextDocument.create("file:///migrate.asl.json", "asl", 1, substituted);
		const diagnostics = await service.doValidation(document, service.parseJSONDocument(document), undefined, ASL_SCHEMA);
		expect(diagnostics.map(({ message, range }) => `${range.start.line + 1}: ${message}`)).toEqual([]);
	});

	it("has a state for every stage, each a function of the description, commented and timed", () => {
		for (const stage of stages) {
			const state = states[stage];
			expect(state?.Type, stage).toBe("Task");
			expect(state?.Resource, stage).toMatch(/^arn:/);
			expect(state?.TimeoutSeconds, stage).toBeGreaterThanOrEqual(300);
		}
		expect(new Set(stages.map((stage) => states[stage]?.Resource)).size).toBe(stages.length);
		for (const [name, state] of Object.entries(states)) expect(state.Comment, name).toMatch(/\.$/);
		expect(machine.TimeoutSeconds).toBe(3 * 24 * 3600);
	});

	it.each(stages)("follows the transition table after %s", (stage) => {
		expect([...stagesAfter(stage)].sort()).toEqual([...TRANSITIONS[stage].next].sort());
	});

	it.each(stages)("leads failures of %s where the transition table says", (stage) => {
		const { onFailure } = TRANSITIONS[stage];
		const catches = states[stage]?.Catch ?? [];
		const last = catches.at(-1);
		expect(last?.ErrorEquals[0], stage).toBe(onFailure === "cancel" ? "States.ALL" : undefined);
		expect(last?.Next, stage).toBe(onFailure === "cancel" ? Stage.Cancel : undefined);
	});

	it("names only errors that exist, and retries every retryable one in every stage", () => {
		const samples = [
			new errors.FencesBusyError("eu-west-1"),
			new errors.CarryRefusedError("eu-west-1"),
			new errors.MigrationConflictError(""),
			new errors.MigrationRefusedError("migration.frozen", ""),
			new errors.MigrationAbortedError(""),
			new errors.VerificationError("", {}),
			new errors.CatchUpError(1),
			new errors.NotDominatedError("eu-west-1", 0),
		];
		expect(samples.every((error) => error instanceof OperatingError)).toBe(true);
		expect(samples.length, "one sample an error class").toBe(Object.keys(errors).length);
		const own = new Set([...samples.map((error) => error.name), "UnavailableError"]);
		const retryable = [...samples.filter((error) => error.retryable).map((error) => error.name), "UnavailableError"];
		for (const stage of stages) {
			const retried = (states[stage]?.Retry ?? []).flatMap((retry) => retry.ErrorEquals);
			expect(retried, stage).toEqual(expect.arrayContaining(retryable));
			const named = [...retried, ...(states[stage]?.Catch ?? []).flatMap((entry) => entry.ErrorEquals)];
			for (const name of named) expect(own.has(name) || /^(States|Lambda|Sandbox)\./.test(name), name).toBe(true);
		}
	});
});
