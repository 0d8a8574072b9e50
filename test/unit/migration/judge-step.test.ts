import { describe, expect, it } from "vitest";
import { type Judgement, MigrationState } from "#domain/migration/record.ts";
import { type MigrationRequest, moveActions } from "#domain/migration/request.ts";
import { EVIDENCE_DELAY_MS } from "#domain/migration/settings.ts";
import type { StageDeps } from "#domain/migration/stage-context.ts";
import { Stage } from "#domain/migration/stages.ts";
import { bucketIndexOf } from "#domain/partition-state/latency-histogram.ts";
import type { Evidence } from "#domain/partition-state/state.ts";
import { NOTHING_SERVED } from "#domain/partition-state/window.ts";
import { execute } from "#simulation/engine/state-machine.ts";
import { A, B, MigrationWorld } from "#test/simulation/migration/migration-world.ts";
import { requestFor } from "#test/simulation/migration/scenarios.ts";

const HOLD_SECONDS = 60;
const request: MigrationRequest = { ...requestFor({ actions: moveActions(A, B) }), canary: [{ weight: 0.5, holdSeconds: HOLD_SECONDS }] };
const answered = (requests: number, errors = 0) => ({ ...NOTHING_SERVED, requests, errors, latency: { [bucketIndexOf(20)]: requests } });
const seen = (byRegion: Record<string, ReturnType<typeof answered>>, more: Partial<Evidence> = {}): Evidence => ({
	slices: [byRegion],
	viewers: {},
	divergences: {},
	...more,
});
const NOTHING = seen({});

interface Outcome {
	readonly state: MigrationState | undefined;
	readonly reason: string | undefined;
	readonly judgements: readonly Judgement[] | undefined;
	/** Seconds from the first to the last look at the step. */
	readonly heldSeconds: number;
	readonly epoch: number | undefined;
}

/** A move whose telemetry is `evidence` of the stage that asks and of how long ago it began to look. */
async function moveSeeing(evidence: (stage: Stage, agoMs: number) => Evidence): Promise<Outcome> {
	const world = new MigrationWorld(1);
	await world.settle([], ["a", "b"]);
	let stage: Stage = Stage.Plan;
	const looks: number[] = [];
	const states: StageDeps["states"] = {
		read: async (_partition, sinceMs) => evidence(stage, world.clock.nowMs() - sinceMs),
		readSize: async () => undefined,
		writeSize: async () => {},
	};
	const deps = { ...world.deps(() => {}), states };
	const onStage = async (next: Stage): Promise<void> => {
		stage = next;
		if (next === Stage.ShiftTraffic) looks.push(world.clock.nowMs());
	};
	const sleep = (ms: number) => world.scheduler.sleep(ms);
	await world.scheduler.run([async () => void (await execute({ deps, request, sleep, onStage }))]);
	const record = await deps.migrations.read(request.migrationId);
	const heldSeconds = ((looks.at(-1) ?? 0) - (looks[0] ?? 0)) / 1000;
	const partition = await deps.metadata.readControl(request.partition);
	return { state: record?.state, reason: record?.reason, judgements: record?.judgements, heldSeconds, epoch: partition?.epoch };
}

describe("a canary step", () => {
	it("holds until its last requests can be read", async () => {
		const outcome = await moveSeeing((stage) =>
			stage === Stage.ShiftTraffic ? seen({ [A]: answered(100), [B]: answered(100) }) : NOTHING,
		);
		expect(outcome).toMatchObject({ state: MigrationState.Completed, heldSeconds: HOLD_SECONDS + EVIDENCE_DELAY_MS / 1000 });
		expect(outcome.judgements).toMatchObject([{ step: 0, verdict: "healthy", requests: 100, errors: 0 }]);
	});

	it("holds twice its time where requests are too few to judge, then passes and says so", async () => {
		const outcome = await moveSeeing((stage) =>
			stage === Stage.ShiftTraffic ? seen({ [A]: answered(60), [B]: answered(3, 3) }) : NOTHING,
		);
		expect(outcome).toMatchObject({ state: MigrationState.Completed, heldSeconds: 2 * HOLD_SECONDS });
		expect(outcome.judgements).toMatchObject([{ verdict: "too-little-evidence", requests: 3, errors: 3 }]);
	});

	it("waits for nothing where nobody comes", async () => {
		const outcome = await moveSeeing(() => NOTHING);
		expect(outcome).toMatchObject({ state: MigrationState.Completed, heldSeconds: HOLD_SECONDS });
		expect(outcome.judgements).toMatchObject([{ verdict: "too-little-evidence", requests: 0 }]);
	});

	it.each([
		["failures", seen({ [A]: answered(100), [B]: answered(100, 20) }), /20 of 100 requests failed/],
		["a single divergence", seen({ [A]: answered(1) }, { divergences: { [B]: 1 } }), /1 answers of the leader/],
	])("is cancelled by %s at once", async (_what, evidence, reason) => {
		const outcome = await moveSeeing((stage) => (stage === Stage.ShiftTraffic ? evidence : NOTHING));
		expect(outcome).toMatchObject({ state: MigrationState.Cancelled, heldSeconds: HOLD_SECONDS, reason: expect.stringMatching(reason) });
	});
});

describe("a soak", () => {
	it("goes back by itself when the new leader does worse than allowed", async () => {
		const outcome = await moveSeeing((stage) => (stage === Stage.Soak ? seen({ [B]: answered(100, 20) }) : NOTHING));
		expect(outcome).toMatchObject({ state: MigrationState.RolledBack, reason: expect.stringMatching(/^soaking in us-east-1: 20 of 100/) });
		expect(outcome.epoch).toBe(5);
	});

	it("ends well when it does not", async () => {
		const outcome = await moveSeeing((stage) => (stage === Stage.Soak ? seen({ [B]: answered(100, 1) }) : NOTHING));
		expect(outcome).toMatchObject({ state: MigrationState.Completed, reason: undefined });
	});
});
