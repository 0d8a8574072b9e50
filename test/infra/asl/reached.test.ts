import { describe, expect, it } from "vitest";
import { type AslMachine, readMachine, statesOf, type Turn, type Walk, walk } from "#test/infra/asl/scenarios.ts";

/** The error names that an entry of a Catch can be told apart by, each none that is tried again first. */
const thrownFor = (names: readonly string[]): readonly string[] => (names.includes("States.ALL") ? ["TypeError"] : names);

interface Script {
	readonly machine: AslMachine;
	readonly input: unknown;
	/** What a task answers when nothing else is told. */
	readonly usual: (task: string) => unknown;
	/** Besides one for every Catch: what tasks answer to lead elsewhere. */
	readonly turns: readonly (readonly Turn[])[];
}

const migrate = readMachine("migrate");
const predict = readMachine("predict");
const train = readMachine("train");

/** Every answer that a choice of the machine asks for, given once by the task before it. */
const answersOf = ({ States }: AslMachine): readonly (readonly Turn[])[] =>
	Object.entries(States).flatMap(([task, { Type, Next }]) => {
		const choices = Type === "Task" ? (States[Next ?? ""]?.Choices ?? []) : [];
		return choices.flatMap(({ StringEquals }) =>
			StringEquals === undefined ? [] : [[{ task, output: { outcome: StringEquals, waitSeconds: 0 } }]],
		);
	});

const cancelled: Turn = { task: "Verify", error: "VerificationError" };
/** What the tasks of a training answer when the candidate wins. */
const TRAINED: Readonly<Record<string, unknown>> = {
	ListTrainingDays: { days: ["2030-01-05"] },
	PlanTraining: { outcome: "train" },
	CheckTraining: { status: "completed" },
	JudgeCandidate: { promote: true },
	CheckPromotion: { state: "serving" },
};

const SCRIPTS: Readonly<Record<string, Script>> = {
	migrate: {
		machine: migrate,
		input: { migrationId: "m-1", partition: "acme" },
		usual: (task) => ({ outcome: task === "Cancel" ? "cancelled" : "done", waitSeconds: 0 }),
		turns: [
			...answersOf(migrate),
			...answersOf(migrate)
				.filter(([turn]) => turn?.task === "Cancel")
				.map((turns) => [cancelled, ...turns]),
			// Rolling back in several runs
			[
				{ task: "Soak", output: { outcome: "rollback" } },
				{ task: "RollBack", output: { outcome: "again", waitSeconds: 0 } },
			],
		],
	},
	predict: {
		machine: predict,
		input: { scheduledTime: "2030-01-01T00:06:00Z" },
		usual: (task) => (task === "ListShards" ? { outcome: "due", shards: [{ shard: 0 }] } : { moving: 1 }),
		turns: [[], [{ task: "ListShards", output: { outcome: "nothing-due" } }], [{ task: "DecidePlacement", output: { moving: 0 } }]],
	},
	train: {
		machine: train,
		input: { scheduledTime: "2030-01-06T03:20:00Z" },
		usual: (task) => TRAINED[task] ?? {},
		turns: [
			[],
			[{ task: "PlanTraining", output: { outcome: "keep" } }],
			[{ task: "CheckTraining", output: { status: "running" } }],
			[{ task: "CheckTraining", output: { status: "failed" } }],
			[{ task: "JudgeCandidate", output: { promote: false } }],
			[{ task: "CheckPromotion", output: { state: "updating" } }],
			[{ task: "CheckPromotion", output: { state: "failed" } }],
		],
	},
};

async function walkAll({ machine, input, usual, turns }: Script): Promise<readonly Walk[]> {
	const failing = statesOf(machine.States).flatMap(([state, { Catch = [], ItemProcessor }]) =>
		Catch.flatMap(({ ErrorEquals }) =>
			thrownFor(ErrorEquals).map((error): readonly Turn[] => [
				...leadTo(state),
				{ task: Object.keys(ItemProcessor?.States ?? {})[0] ?? state, error },
			]),
		),
	);
	return Promise.all([[], ...turns, ...failing].map((told) => walk(machine, usual, told, input)));
}

describe.each(Object.entries(SCRIPTS))("state-machines/%s.asl.json", (_name, script) => {
	const walks = walkAll(script);

	it("reaches every state", async () => {
		const entered = new Set((await walks).flatMap((one) => one.entered));
		const missed = statesOf(script.machine.States)
			.map(([name]) => name)
			.filter((name) => !entered.has(name));
		expect(missed).toEqual([]);
	});

	it("takes every Catch to where it leads", async () => {
		const caught = new Set((await walks).flatMap((one) => one.caught));
		const wanted = statesOf(script.machine.States).flatMap(([name, { Catch = [] }]) => Catch.map(({ Next }) => `${name} -> ${Next}`));
		expect([...new Set(wanted)].filter((edge) => !caught.has(edge))).toEqual([]);
		expect(wanted.length).toBeGreaterThan(0);
	});

	it("retries by name, in every task the same: what passes of our own and of Lambda's", () => {
		const passing = [
			"UnavailableError",
			...["Service", "AWSLambda", "SdkClient", "TooManyRequests"].map((name) => `Lambda.${name}Exception`),
			"Lambda.Unknown",
		];
		for (const [task, { Retry = [], Type }] of statesOf(script.machine.States)) {
			if (Type !== "Task") continue;
			const named = Retry.flatMap(({ ErrorEquals }) => ErrorEquals);
			expect(named, task).toEqual(expect.arrayContaining(passing));
			expect(named, task).not.toContain("States.ALL");
		}
	});

	it("tries every task again that fails in passing, and goes on", async () => {
		for (const [task, { Retry = [], Type }] of statesOf(script.machine.States)) {
			const error = Retry.flatMap(({ ErrorEquals }) => ErrorEquals).find((name) => !name.startsWith("States."));
			if (Type !== "Task" || error === undefined) continue;
			const { entered, caught } = await walk(script.machine, script.usual, [...leadTo(task), { task, error }], script.input);
			expect(
				caught.filter((edge) => edge.startsWith(`${task} ->`)),
				`${task} ${error}`,
			).toEqual([]);
			expect(entered, task).toContain(task);
		}
	});
});

/** What has to happen for a task to run that is off the usual way. */
function leadTo(task: string): readonly Turn[] {
	if (task === "Cancel") return [cancelled];
	if (task === "RecordTraining") return [{ task: "PlanTraining", error: "TypeError" }];
	return task === "RollBack" ? [{ task: "Soak", output: { outcome: "rollback" } }] : [];
}
