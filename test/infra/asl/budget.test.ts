import { describe, expect, it } from "vitest";
import { executionName } from "#domain/migration/execution-name.ts";
import { migrationIdOf } from "#domain/migration/migration-id.ts";
import { canaryStepsSchema } from "#domain/migration/plan-schema.ts";
import {
	HOLD_TICKS,
	LOOK_SECONDS,
	MAX_SOAK_LOOKS,
	MIGRATION_SETTINGS,
	PAGE_SIZE,
	PARALLEL_BUCKETS,
	STAGE_BUDGET_MS,
} from "#domain/migration/settings.ts";
import { MAX_LOOKS } from "#domain/migration/stages/shift-traffic.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import { type AslState, readMachine, statesOf } from "#test/infra/asl/scenarios.ts";

/** A standard execution ends at so many events. @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const EVENT_LIMIT = 25_000;
/** Input and output of a state. */
const PAYLOAD_LIMIT_BYTES = 262_144;

/** Events of one visit: entered and exited, and for a function scheduled, started and succeeded. */
const eventsOf = ({ Type }: AslState): number => (Type === "Task" ? 5 : 2);
/** Of one further attempt: failed, scheduled, started. */
const RETRY_EVENTS = 3;

/** The largest partition that the design is for, in the smallest items that make it last longest. */
const PARTITION = { bytes: 2 ** 30, itemBytes: 1024, buckets: 64 };
const ITEMS = PARTITION.bytes / PARTITION.itemBytes;
/** Two exchanges with the farthest region an item, one after the other within a bucket. */
const ITEM_SECONDS = 0.5;
const lanes = Math.min(PARTITION.buckets, PARALLEL_BUCKETS);

describe("events of one migrate execution with 64 buckets and 1 GiB", () => {
	const machine = readMachine("migrate");
	const loopOf = (...names: readonly string[]): number => names.reduce((sum, name) => sum + eventsOf(machine.States[name] as AslState), 0);

	const copySeconds = (ITEMS * ITEM_SECONDS) / lanes;
	const deleteSeconds = copySeconds;
	const verifySeconds = ((ITEMS / PAGE_SIZE) * 2 * ITEM_SECONDS) / lanes;
	const stageSeconds = STAGE_BUDGET_MS / 1000;
	const steps = MIGRATION_SETTINGS.canary;
	/** A step holds twice its time at most, and is looked at once a minute. */
	const canaryRuns = steps.reduce((sum, { holdSeconds }) => sum + Math.ceil((2 * holdSeconds) / LOOK_SECONDS) + 1, 0);

	const loops = {
		Synchronize: Math.ceil(copySeconds / LOOK_SECONDS) * loopOf("Synchronize", "IsSynchronized", "AwaitSynchronize"),
		Verify: Math.ceil(verifySeconds / stageSeconds) * loopOf("Verify", "IsVerified", "AwaitVerify"),
		ShiftTraffic: canaryRuns * loopOf("ShiftTraffic", "HasTrafficShifted", "HoldCanary"),
		// A frozen soak is held for as long as the execution may last, after it was looked at as often as any
		Soak:
			(MAX_SOAK_LOOKS + Math.ceil((machine.TimeoutSeconds - copySeconds) / (MIGRATION_SETTINGS.soakTickSeconds * HOLD_TICKS))) *
			loopOf("Soak", "IsSoakOver", "AwaitSoakTick"),
		// Either the source is removed, or what was created is: by a cancel or after a rollback
		RemoveSource: Math.ceil(deleteSeconds / stageSeconds) * loopOf("RemoveSource", "IsSourceRemoved", "AwaitRemoveSource"),
	};
	const once = Object.values(machine.States).reduce((sum, state) => sum + eventsOf(state), 2);
	const everyRetryOnce = Object.values(machine.States).reduce(
		(sum, { Retry = [] }) => sum + RETRY_EVENTS * Math.max(0, ...Retry.map(({ MaxAttempts = 3 }) => MaxAttempts)),
		0,
	);

	it("stay below the limit, with every retry of every state used up once and a freeze that lasts", () => {
		const total = once + everyRetryOnce + Object.values(loops).reduce((sum, events) => sum + events, 0);
		expect(total).toBeLessThan(EVENT_LIMIT);
		// and not by a margin that hides a mistake in the sum
		expect(total).toBeGreaterThan(EVENT_LIMIT / 4);
	});

	it("stay below it with the most looks at canaries that requests can ask for", () => {
		const step = (holdSeconds: number) => ({ weight: 0.5, holdSeconds });
		const steps = Array.from({ length: 100 }, () => step(1)).filter(
			(one, index, all) => canaryStepsSchema.safeParse(all.slice(0, index + 1)).success && one,
		).length;
		// A step that holds to its double is looked at twice as often; each has a first and a last look besides
		const looks = 2 * MAX_LOOKS + 2 * steps;
		const others = once + everyRetryOnce + loops.Synchronize + loops.Verify + loops.RemoveSource;
		expect(others + looks * loopOf("ShiftTraffic", "HasTrafficShifted", "HoldCanary")).toBeLessThan(EVENT_LIMIT);
	});
});

describe("payloads", () => {
	it("of a migration bear its id and outcomes, nothing that grows with the partition", () => {
		for (const [name, state] of statesOf(readMachine("migrate").States)) {
			if (state.Type !== "Task" || name === "Plan") continue;
			const parameters = (state as { Parameters?: Record<string, string> }).Parameters ?? {};
			expect(
				Object.keys(parameters).every((key) => ["migrationId.$", "error.$"].includes(key)),
				name,
			).toBe(true);
		}
	});

	it("of a request stay far below 256 KiB with everything at its largest", () => {
		const request = {
			migrationId: migrationIdOf(partitionId("p".repeat(128)), Number.MAX_SAFE_INTEGER),
			partition: "p".repeat(128),
			epoch: Number.MAX_SAFE_INTEGER,
			actions: Array.from({ length: 15 }, () => ({ transferLeadership: "ap-southeast-1" })),
			canary: Array.from({ length: 100 }, () => ({ weight: 0.123456789, holdSeconds: 86_400 })),
			decisionId: "d".repeat(256),
		};
		expect(JSON.stringify(request).length).toBeLessThan(PAYLOAD_LIMIT_BYTES / 10);
	});
});

it("a second start of the same migration is impossible: its name is the id, and fits", () => {
	const [a, b] = [migrationIdOf(partitionId("acme"), 7), migrationIdOf(partitionId("acme"), 7)];
	expect(executionName(a, 0)).toBe(b);
	expect(executionName(migrationIdOf(partitionId("x".repeat(128)), Number.MAX_SAFE_INTEGER), 99).length).toBeLessThanOrEqual(80);
});
