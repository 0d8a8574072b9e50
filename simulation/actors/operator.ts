import type { RegionId } from "#domain/geography/region-id.ts";
import { amendRecord } from "#domain/migration/amend-record.ts";
import { migrationIdOf } from "#domain/migration/migration-id.ts";
import { MigrationState } from "#domain/migration/record.ts";
import type { MigrationRequest, PlanAction } from "#domain/migration/request.ts";
import { Stage } from "#domain/migration/stages.ts";
import { startMigration } from "#domain/migration/start-migration.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { actionsFor } from "#simulation/actors/choose-actions.ts";
import type { Promoter } from "#simulation/actors/promoter.ts";
import type { Act, PlannedLoss, PlannedMigration } from "#simulation/scenario.ts";
import { remoteMigrations } from "#simulation/stores/remote-metadata.ts";
import { PARTITION, type World } from "#simulation/world/world.ts";

const LOOK_MS = 2_000;

/** Starts the planned migrations one after the other and does what is planned for their stages. */
export class Operator {
	readonly #world: World;
	/** Migration ids by index of the plan. */
	readonly #started = new Map<number, string>();
	readonly #due: Set<Act>;
	readonly #promoter: Promoter;
	#freezes: Extract<Act, { kind: "freeze" }>[] = [];

	constructor(world: World, promoter: Promoter) {
		this.#world = world;
		this.#promoter = promoter;
		this.#due = new Set(world.scenario.events.map(({ act }) => act));
		world.signals.listen((migrationId, stage) => {
			if (stage === Stage.ShiftTraffic || stage === Stage.Soak) world.crowd.watch();
			for (const { migration, stage: at, delayMs, act } of world.scenario.events) {
				if (at !== stage || this.#started.get(migration) !== migrationId || !this.#due.delete(act)) continue;
				if (act.kind === "stall") {
					world.stages.stall(migrationId, stage, act.ms);
					continue;
				}
				world.spawn(async () => {
					await world.time.sleep(delayMs);
					await this.#act(act, migrationId);
				});
			}
		});
	}

	async run(): Promise<void> {
		const { time, scenario } = this.#world;
		for (const [index, planned] of scenario.migrations.entries()) {
			await time.sleep(planned.gapMs);
			const record = this.#world.metadata.control.get(PARTITION);
			if (record === undefined) throw new Error("the partition has no record");
			const actions = actionsFor(planned, record, scenario);
			if (actions !== undefined) await this.#migrate(index, planned, record, actions);
		}
	}

	/** Everything that holds moves up is lifted. */
	liftFreezes(): void {
		this.#freezes = [];
		this.#setFreeze();
	}

	async #migrate(index: number, planned: PlannedMigration, record: PartitionRecord, actions: readonly PlanAction[]): Promise<void> {
		const { time, executions, migrations, trace } = this.#world;
		const migrationId = migrationIdOf(PARTITION, record.epoch);
		const { soakSeconds, canary } = planned;
		const request = {
			migrationId,
			partition: PARTITION,
			epoch: record.epoch,
			actions,
			requestedBy: "operator",
			soakSeconds,
			canary,
		} as const;
		this.#started.set(index, migrationId);
		trace(() => `operator: ${migrationId} ${JSON.stringify(actions)}`);
		await this.#start(request);
		const untilMs = time.nowMs + planned.patienceMs;
		while (time.nowMs < untilMs) {
			await time.sleep(LOOK_MS);
			const open = migrations.records.get(migrationId)?.state === MigrationState.Running;
			if (!open && (planned.eager === true || !executions.anyRunning)) return;
		}
	}

	async #start(request: MigrationRequest): Promise<void> {
		const { executions, migrations, controlRegion } = this.#world;
		const caller = this.#world.controlCaller(`operator ${request.migrationId}`);
		const reached = {
			stateOf: (name: string) => caller.call(controlRegion, "stateOf", false, () => executions.stateOf(name)),
			startAs: (name: string, input: MigrationRequest) =>
				caller.call(controlRegion, "startAs", true, () => executions.startAs(name, input)),
		};
		try {
			await startMigration({ executions: reached, migrations: remoteMigrations(migrations, controlRegion, caller) }, request);
		} catch (error) {
			if (!(error instanceof UnavailableError)) throw error;
		}
	}

	async #act(act: Act, migrationId: string): Promise<void> {
		const { time, network, faults, trace, migrations, executions } = this.#world;
		trace(() => `operator: ${JSON.stringify(act)}`);
		switch (act.kind) {
			case "cancel":
			case "rollback": {
				const record = migrations.records.get(migrationId);
				if (record !== undefined) await amendRecord({ migrations }, record, (now) => ({ ...now, requested: now.requested ?? act.kind }));
				return;
			}
			case "freeze":
				this.#freezes.push(act);
				this.#setFreeze();
				await time.sleep(act.holdMs);
				this.#freezes = this.#freezes.filter((one) => one !== act);
				this.#setFreeze();
				return;
			case "cut":
				faults.count("cut");
				network.cut(this.#world.region(act.region));
				await time.sleep(act.holdMs);
				network.mend(this.#world.region(act.region));
				trace(() => `${this.#world.region(act.region)} is back`);
				return;
			case "lose":
				return this.#lose(act);
			case "sick": {
				const target =
					act.region === "target" ? migrations.records.get(migrationId)?.plan.replicas.leaderAfter : this.#world.region(act.region);
				if (target === undefined) return;
				faults.count("sick");
				this.#world.crowd.sicken(target, act.share);
				await time.sleep(act.holdMs);
				this.#world.crowd.sicken(target, 0);
				return;
			}
			case "stall":
				return;
			case "zombie":
			case "die":
				if (executions.lose(migrationId, act.kind === "die")) faults.count(act.kind);
				return;
		}
	}

	/** Until the region is back; meanwhile somebody may have let another lead. */
	async #lose(act: PlannedLoss): Promise<void> {
		const { time, network, faults, history, trace } = this.#world;
		const region = this.#lostRegion(act);
		if (region === undefined) return;
		faults.count("loss");
		network.cut(region);
		if (act.off) network.close(region);
		const back = time.sleep(act.holdMs).then(() => {
			network.mend(region);
			if (act.off) network.open(region);
			history.reopened();
			trace(() => `${region} is back`);
		});
		await time.sleep(act.promoteAfterMs);
		await this.#promoter.promote(act, region);
		await back;
	}

	#lostRegion({ region }: PlannedLoss): RegionId | undefined {
		const { metadata, scenario, controlRegion } = this.#world;
		const leader = metadata.control.get(PARTITION)?.leader;
		if (region === "leader") return leader;
		if (region === "bystander") return scenario.regions.findLast((one) => one !== leader && one !== controlRegion);
		return this.#world.region(region);
	}

	#setFreeze(): void {
		const { metadata, observer, time } = this.#world;
		const scopes = this.#freezes.map(({ scope }) => scope);
		const regions = this.#freezes.filter(({ scope }) => scope === "region").map(({ region }) => this.#world.region(region));
		const partition = scopes.includes("partition");
		metadata.freeze = { global: scopes.includes("global"), regions };
		const record = metadata.control.get(PARTITION);
		if (record !== undefined && (record.frozen ?? false) !== partition) {
			const { frozen: _, ...rest } = record;
			metadata.put({ ...rest, ...(partition && { frozen: true }), version: record.version + 1 });
		}
		observer.frozen(metadata.freeze, partition, time.nowMs);
	}
}
