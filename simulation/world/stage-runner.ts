import type { MigrationRequest } from "#domain/migration/request.ts";
import type { StageOutput } from "#domain/migration/stage-context.ts";
import type { Stage } from "#domain/migration/stages.ts";
import { OperatingError } from "#domain/shared/errors.ts";
import { invokeStage } from "#simulation/engine/state-machine.ts";
import { MAX_SKEW_MS } from "#simulation/scenario.ts";
import { Caller } from "#simulation/world/caller.ts";
import { InvocationLost, Life } from "#simulation/world/life.ts";
import type { World } from "#simulation/world/world.ts";

/** The timeout of the functions that run stages. */
const TIMEOUT_MS = 300_000;
/** How late a second delivery of the same invocation may come. */
const DUPLICATE_MS = 600_000;

/** Runs stages as invocations of a function: each on a machine with a clock of its own, each may be lost, doubled or late. */
export class StageRunner {
	readonly #world: World;
	/** By migration and stage: one that is taken away does not change what another draws. */
	readonly #invocations = new Map<string, number>();
	/** What the next invocation of a migration's stage stands still for, in ms. */
	readonly #stalls = new Map<string, number>();

	constructor(world: World) {
		this.#world = world;
	}

	/** @throws what the stage throws; InvocationLost */
	async invoke(request: MigrationRequest, stage: Stage, reason: string | undefined): Promise<StageOutput> {
		const { signals, rates, faults, time, spawn, trace } = this.#world;
		signals.began(request.migrationId, stage);
		const number = this.#numberOf(request, stage);
		const luck = this.#world.draws(`luck ${request.migrationId} ${stage}`, number);
		const [again, share, soon] = [luck.next(), luck.next(), luck.chance(0.5)];
		if (again < rates.duplicateStages) {
			faults.count("duplicate-stage");
			spawn(async () => {
				await time.sleep(share * (soon ? 200 : DUPLICATE_MS));
				trace(() => `${stage} once more`);
				await this.#run(request, stage, reason, this.#numberOf(request, stage)).catch(() => undefined);
			});
		}
		return this.#run(request, stage, reason, number);
	}

	/** The next invocation of the stage stands still before its first change of fences. */
	stall(migrationId: string, stage: Stage, ms: number): void {
		this.#stalls.set(`${migrationId} ${stage}`, ms);
	}

	#numberOf({ migrationId }: MigrationRequest, stage: Stage): number {
		const id = `${migrationId} ${stage}`;
		const number = (this.#invocations.get(id) ?? 0) + 1;
		this.#invocations.set(id, number);
		return number;
	}

	async #run(request: MigrationRequest, stage: Stage, reason: string | undefined, number: number): Promise<StageOutput> {
		const { time, trace, controlRegion, scenario, failed } = this.#world;
		const draws = this.#world.draws(`${request.migrationId} ${stage}`, number);
		const life = new Life();
		const label = `${stage} [${number}]`;
		const skewMs = scenario.skewMs.some((skew) => skew > 0) ? draws.between(0, MAX_SKEW_MS) : 0;
		const id = `${request.migrationId} ${stage}`;
		const stallMs = this.#stalls.get(id) ?? 0;
		this.#stalls.delete(id);
		const deadlineMs = time.nowMs + TIMEOUT_MS;
		const caller = new Caller(this.#world, { kind: "stage", from: controlRegion, draws, life, deadlineMs, stallMs });
		const deps = this.#world.stageDeps(caller, { label, startedAtMs: time.nowMs }, skewMs);
		trace(() => `${label} begins`);
		void time.sleep(TIMEOUT_MS).then(() => life.timeOut());
		try {
			const output = await Promise.race([invokeStage(deps, stage, request, reason), life.ended]);
			life.finish();
			trace(() => `${label} ${JSON.stringify(output)}`);
			return output;
		} catch (error) {
			life.finish();
			trace(() => `${label} fails: ${String(error)}`);
			if (error instanceof Error && error.name === "AssertionError") failed(`${label}: ${error.message}`);
			if (!(error instanceof OperatingError) && !(error instanceof InvocationLost)) trace(() => String((error as Error).stack));
			throw error;
		}
	}
}
