import { describe, expect, test } from "vitest";
import { MigrationState } from "#domain/migration/record.ts";
import { Stage, TRANSITIONS } from "#domain/migration/stages.ts";
import { Phase } from "#domain/partition/record.ts";
import { DecisionReason, Exclusion } from "#domain/placement/decision.ts";

type Words = Readonly<Record<string, string>>;
interface WordsModule {
	readonly STAGES: Words;
	readonly RETURNS: Words;
	readonly STATES: Words;
	readonly PHASES: Words;
	explain(decision: object): string;
	verdictOf(decision: object): string;
}

// served to browsers as it is, so it is plain JavaScript outside the compiler's sight
const words = (await import(new URL("../../../console/words.js", import.meta.url).href)) as WordsModule;

const sorted = (values: Iterable<string>): string[] => [...values].sort();

describe("the words of the console", () => {
	test("name every stage, those of a migration that succeeds in its order", () => {
		const usual: Stage[] = [];
		for (let stage: Stage | undefined = Stage.Plan; stage !== undefined; stage = TRANSITIONS[stage].next[0]) usual.push(stage);
		expect(Object.keys(words.STAGES)).toEqual(usual);
		expect(sorted([...Object.keys(words.STAGES), ...Object.keys(words.RETURNS)])).toEqual(sorted(Object.values(Stage)));
	});

	test("name every state and phase", () => {
		expect(sorted(Object.keys(words.STATES))).toEqual(sorted(Object.values(MigrationState)));
		expect(sorted(Object.keys(words.PHASES))).toEqual(sorted(Object.values(Phase)));
	});

	test.each(Object.values(DecisionReason))("explain %s in a sentence", (reason) => {
		const sentence = words.explain({ reason, source: "us-east-1", target: "eu-west-1", savingMs: 81.4 });
		expect(sentence).toMatch(/^\S+ .*\.$/);
		expect(sentence).not.toMatch(/undefined|NaN/);
	});

	test.each(Object.values(Exclusion))("say that %s kept a better region out", (by) => {
		expect(words.explain({ reason: "already-best", source: "eu-west-1", bound: { by, region: "us-east-1" } })).toMatch(
			/^eu-west-1 is .* Without the [a-z ]+, us-east-1 would have been chosen\.$/,
		);
	});

	test("tell a verdict with its regions, and a reason they do not know", () => {
		expect(words.verdictOf({ verdict: "move", target: "eu-west-1" })).toBe("Move to eu-west-1");
		expect(words.verdictOf({ verdict: "stay", source: "us-east-1" })).toBe("Stay in us-east-1");
		expect(words.explain({ reason: "new-reason" })).toBe("new-reason.");
	});
});
