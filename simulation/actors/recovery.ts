import { reconcileMigrations } from "#domain/migration/reconcile.ts";
import { MigrationState } from "#domain/migration/record.ts";
import type { MigrationRequest } from "#domain/migration/request.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import type { Promoter } from "#simulation/actors/promoter.ts";
import { remoteMigrations } from "#simulation/stores/remote-metadata.ts";
import type { World } from "#simulation/world/world.ts";

/** How long after the last fault everything must have settled: recovery spaces restarts by up to a day. */
const SETTLE_MS = 3 * 24 * 3_600_000;

/** The production reconciler on its schedule. */
export class Recovery {
	readonly #world: World;
	readonly #promoter: Promoter;
	#stopped = false;

	constructor(world: World, promoter: Promoter) {
		this.#world = world;
		this.#promoter = promoter;
	}

	async run(): Promise<void> {
		const draws = this.#world.draws("recovery");
		while (!this.#stopped) {
			await this.#world.time.sleep(draws.next() * this.#world.scenario.recoveryMs);
			if (!this.#stopped) await this.#reconcile();
		}
	}

	stop(): void {
		this.#stopped = true;
	}

	/** Runs recovery until nothing is open, nothing runs and nothing is owed. Returns what is left after three days. */
	async untilQuiet(): Promise<string | undefined> {
		const { time } = this.#world;
		const untilMs = time.nowMs + SETTLE_MS;
		for (let waitMs = 5_000; time.nowMs < untilMs; waitMs = Math.min(waitMs * 1.5, 3_600_000)) {
			await this.#reconcile();
			if (this.#left() === undefined) return undefined;
			await time.sleep(waitMs);
		}
		return this.#left();
	}

	#left(): string | undefined {
		const { migrations, streams, executions, active } = this.#world;
		const open = [...migrations.records.values()].filter(({ state }) => state === MigrationState.Running);
		if (open.length > 0) return open.map(({ migrationId, stage }) => `${migrationId} stays in ${stage}`).join(", ");
		if (this.#promoter.left !== undefined) return this.#promoter.left;
		if (executions.anyRunning) return "an execution comes to no end";
		if (streams.owed > 0) return `${streams.owed} stream records stay owed`;
		return active > 0 ? `${active} actors come to no end` : undefined;
	}

	async #reconcile(): Promise<void> {
		const { migrations, executions, controlRegion, time } = this.#world;
		const caller = this.#world.controlCaller(`recovery ${time.elapsedMs | 0}`);
		try {
			await reconcileMigrations({
				migrations: remoteMigrations(migrations, controlRegion, caller),
				executions: {
					stateOf: (name) => caller.call(controlRegion, "stateOf", false, () => executions.stateOf(name)),
					startAs: (name: string, request: MigrationRequest) =>
						caller.call(controlRegion, "startAs", true, () => executions.startAs(name, request)),
				},
				clock: time.clock(),
			});
		} catch (error) {
			if (!(error instanceof UnavailableError)) throw error;
		}
		await this.#promoter.return();
	}
}
