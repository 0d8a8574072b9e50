import { type FindDeps, findOrphans } from "#domain/orphans/find-orphans.ts";
import { isPresent } from "#domain/orphans/orphan.ts";
import { MIN_AGE_MS, removeOrphan } from "#domain/orphans/remove-orphan.ts";
import { FenceRole, WriteMode } from "#domain/partition/fence.ts";
import { bucketsOf } from "#domain/partition/partition-id.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { Invariant } from "#simulation/check/violations.ts";
import { MemoryOrphans, memoryScanner } from "#simulation/stores/memory-orphans.ts";
import { InvocationLost } from "#simulation/world/life.ts";
import { PARTITION, type World } from "#simulation/world/world.ts";

const TIMEOUT_MS = 300_000;
/** Rounds of walking and removing at the end. */
const ROUNDS = 6;

/** The production walk for copies that no record explains, at any moment, and their removal an hour after they were first seen. */
export class OrphanWalk {
	readonly #world: World;
	readonly #orphans = new MemoryOrphans();
	#invocations = 0;
	#stopped = false;

	constructor(world: World) {
		this.#world = world;
	}

	async run(everyMs: number): Promise<void> {
		const draws = this.#world.draws("walk");
		while (!this.#stopped) {
			await this.#world.time.sleep(draws.next() * 2 * everyMs);
			if (!this.#stopped) await this.#walk();
		}
	}

	stop(): void {
		this.#stopped = true;
	}

	/** A copy as some defect might have left it: a part of what the leader has, behind a fence of long ago. */
	async plant(): Promise<void> {
		const { scenario, metadata, trace } = this.#world;
		const record = metadata.control.get(PARTITION);
		const region = scenario.regions.find(
			(one, i) => one !== record?.leader && !record?.followers.includes(one) && !scenario.excluded.includes(i),
		);
		if (record === undefined || region === undefined) return;
		const { buckets, leader, epoch } = record;
		const next = { role: FenceRole.Follower, epoch, mode: WriteMode.Steady, peers: [], leader, buckets };
		const changes = bucketsOf(PARTITION, buckets).map(({ bucket }) => ({ bucket, expect: "absent" as const, next }));
		await this.#world.table(region).changeFences(PARTITION, changes);
		for (const ref of bucketsOf(PARTITION, buckets))
			for (const item of (await this.#world.table(leader).listItems(ref, { limit: 2 })).entries)
				await this.#world.table(region).carry(ref, item, { epoch });
		trace(() => `a stray copy stands in ${region}`);
	}

	/** Walks and removes until nothing is found. */
	async clear(): Promise<void> {
		const { time, violations } = this.#world;
		await this.#walk();
		for (let round = 0; round < ROUNDS; round++) {
			const found = [...this.#orphans.reports.values()].filter((orphan) => isPresent(orphan, this.#orphans.walks));
			if (found.length === 0) return;
			await time.sleep(MIN_AGE_MS);
			for (const { region } of found) {
				const outcome = await this.#invoke((deps) => removeOrphan(deps, { region, partition: PARTITION }, time.nowMs + TIMEOUT_MS / 2));
				this.#world.trace(() => `operator: removal of the orphan in ${region}: ${JSON.stringify(outcome)}`);
			}
			await this.#walk();
		}
		violations.add(Invariant.NothingLeft, "orphans are found again and again");
	}

	async #walk(): Promise<void> {
		const { time } = this.#world;
		const report = await this.#invoke((deps) => findOrphans(deps, { untilMs: time.nowMs + TIMEOUT_MS / 2, pages: 100 }));
		for (const orphan of report?.found ?? []) this.#world.trace(() => `walk: ${JSON.stringify(orphan)}`);
	}

	async #invoke<T>(work: (deps: FindDeps & Parameters<typeof removeOrphan>[0]) => Promise<T>): Promise<T | undefined> {
		const number = ++this.#invocations;
		const { caller, life } = this.#world.stageCaller(`walk ${number}`, "stage", TIMEOUT_MS);
		const deps = this.#world.stageDeps(caller, { label: `walk [${number}]`, startedAtMs: this.#world.time.nowMs }, 0);
		const scan = memoryScanner((region) => this.#world.table(region), this.#world.scenario.pageSize);
		try {
			return await Promise.race([
				work({
					...deps,
					orphans: this.#orphans,
					scan: (region, from) => caller.call(region, "scan", false, () => scan(region, from)),
				}),
				life.ended,
			]);
		} catch (error) {
			if (error instanceof UnavailableError || error instanceof InvocationLost) return undefined;
			throw error;
		} finally {
			life.finish();
		}
	}
}
