import { readFileSync } from "node:fs";
import { getLanguageService, TextDocument } from "amazon-states-language-service";
import aslValidator from "asl-validator";
import { describe, expect, it } from "vitest";
import { RUN_SETTINGS, SHARDS } from "#domain/prediction/settings.ts";
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

it("ends before the lease of a run and the next schedule do", () => {
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

/** Due in one run; a list of them holds so many names (adapters/dynamodb/prediction-store.ts). */
const PARTITIONS = 1_000_000;
const NAMES_PER_LIST = 1500;

describe("events and payloads of one predict execution with every shard", () => {
	const machine = JSON.parse(source);
	/** Entered and exited, and for a function scheduled, started and succeeded; each further attempt is failed, scheduled, started. */
	const TASK_EVENTS = 5;
	const RETRY_EVENTS = 3;
	/** An iteration of a map starts and succeeds. */
	const ITERATION_EVENTS = 2;
	const attemptsOf = ({ Retry = [] }: State): number =>
		Math.max(0, ...(Retry as { MaxAttempts?: number }[]).map(({ MaxAttempts = 3 }) => MaxAttempts));

	it("stay far from 25,000, with every retry of every shard used up, even where shards are in the execution's own history, as on one machine", () => {
		const forecast = machine.States.ForecastShards.ItemProcessor.States.ForecastShard as State;
		const iteration = ITERATION_EVENTS + TASK_EVENTS + RETRY_EVENTS * attemptsOf(forecast);
		const once = all.reduce((sum, [, state]) => sum + (state.Type === "Task" ? TASK_EVENTS + RETRY_EVENTS * attemptsOf(state) : 3), 2);
		expect(once + SHARDS * iteration).toBeLessThan(25_000 / 50);
		expect(machine.States.ForecastShards.MaxConcurrency).toBeGreaterThanOrEqual(SHARDS);
	});

	it("stay far below 256 KiB: a shard's work is hours and names of lists", () => {
		const lists = Math.ceil(PARTITIONS / SHARDS / NAMES_PER_LIST);
		const work = {
			shard: SHARDS,
			countHours: Array.from({ length: RUN_SETTINGS.maxHoursPerRun }, () => 473_352),
			dueLists: Array.from({ length: lists }, (_, index) => `2024-01-01T00:00:00Z#${SHARDS}#2024-01-01T00:06:00Z#${index}`),
		};
		const task = { scheduledTime: "2024-01-01T00:06:00Z", throughHour: 473_352, work: [work] };
		const made = { forecast: PARTITIONS / SHARDS, lists: work.dueLists };
		const afterTheMap = { shards: Array.from({ length: SHARDS }, () => task), forecasts: Array.from({ length: SHARDS }, () => made) };
		expect(JSON.stringify(afterTheMap).length).toBeLessThan(262_144 / 2);
	});
});
