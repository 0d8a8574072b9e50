import type { RegionId } from "#domain/geography/region-id.ts";
import { promote } from "#domain/migration/promotion/promote.ts";
import type { PromotionRequest } from "#domain/migration/promotion/promotion.ts";
import { type ReturnDeps, returnCopies } from "#domain/migration/promotion/return-copies.ts";
import { startMigration } from "#domain/migration/start-migration.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import type { LostWrites } from "#domain/ports/lost-writes.ts";
import type { OpenPromotions } from "#domain/ports/open-promotions.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { PROMOTES } from "#simulation/check/observer.ts";
import type { PlannedLoss } from "#simulation/scenario.ts";
import { MemoryLostWrites } from "#simulation/stores/memory-lost-writes.ts";
import { MemoryOpenPromotions } from "#simulation/stores/memory-open-promotions.ts";
import type { Caller } from "#simulation/world/caller.ts";
import { InvocationLost } from "#simulation/world/life.ts";
import { PARTITION, type World } from "#simulation/world/world.ts";

/** As the functions that do it: how long one invocation works, and when it is ended. */
const PROMOTE_MS = { work: 15_000, timeout: 30_000 };
const RETURN_MS = { work: 45_000, timeout: 120_000 };
/** Between two calls of somebody who is refused for the moment. */
const PATIENCE_MS = 2_000;

/** Lets followers lead where a region is lost, and takes back what returns: the production code, each call an invocation that may be lost. */
export class Promoter {
	readonly open = new MemoryOpenPromotions();
	readonly #lost = new Map<RegionId, MemoryLostWrites>();
	readonly #world: World;
	#invocations = 0;

	constructor(world: World) {
		this.#world = world;
	}

	/** Somebody promotes one of the other copies, call by call, until it leads, they are refused, or they go away. */
	async promote({ choice, force, calls }: Pick<PlannedLoss, "choice" | "force" | "calls">, lost: RegionId): Promise<void> {
		const { scenario, metadata, network, time, trace, promoting } = this.#world;
		const record = metadata.control.get(PARTITION);
		const copies = record === undefined ? [] : [record.leader, ...record.followers].filter((region) => region !== lost);
		const others = copies.length > 0 && choice % 8 > 0 ? copies : scenario.regions.filter((region) => region !== lost);
		const target = others[choice % others.length] ?? lost;
		for (let call = 0; call < calls; call++) {
			const off = scenario.regions.filter((region) => network.isClosed(region));
			const confirmedOff = promoting.vouchesForAll === true && off.length > 0 ? scenario.regions : off;
			const request = { target, confirmedOff, mayLoseWrites: force };
			trace(() => `operator: promote ${target} ${JSON.stringify(request)}`);
			const outcome = await this.#promoteOnce(request);
			trace(
				() =>
					`operator: promotion of ${target}: ${outcome === undefined ? "no answer" : JSON.stringify({ ...outcome, record: undefined })}`,
			);
			if (outcome?.kind === "promoted" || (outcome?.kind === "refused" && outcome.code !== "promotion.busy")) return;
			await time.sleep(outcome?.kind === "again" ? outcome.waitSeconds * 1000 : PATIENCE_MS);
		}
	}

	/** One run of recovery. */
	async return(): Promise<void> {
		const { time, trace } = this.#world;
		const report = await this.#invoke("returning", RETURN_MS.timeout, (deps) => returnCopies(deps, time.nowMs + RETURN_MS.work));
		for (const step of report?.steps ?? []) trace(() => `recovery: ${JSON.stringify(step)}`);
	}

	/** What is not settled yet. */
	get left(): string | undefined {
		const record = this.#world.metadata.control.get(PARTITION);
		if (record?.promotion !== undefined) return `the promotion of ${record.promotion.target} comes to no end`;
		if (record?.lost !== undefined) return `the copy in ${record.lost.map(({ region }) => region).join(", ")} stays left behind`;
		const rejoin = this.open.rows.get(PARTITION)?.rejoin ?? [];
		return rejoin.length > 0 ? `${rejoin.join(", ")} does not follow again` : undefined;
	}

	#promoteOnce(request: PromotionRequest) {
		const { time } = this.#world;
		return this.#invoke(PROMOTES, PROMOTE_MS.timeout, (deps) => promote(deps, PARTITION, request, time.nowMs + PROMOTE_MS.work));
	}

	/** Undefined where it was lost, or a region did not answer. */
	async #invoke<T>(what: string, timeoutMs: number, work: (deps: ReturnDeps) => Promise<T>): Promise<T | undefined> {
		const number = ++this.#invocations;
		const { caller, life } = this.#world.stageCaller(`${what} ${number}`, "promotion", timeoutMs);
		try {
			return await Promise.race([
				work(this.#deps(caller, `${what === PROMOTES ? what : `${PROMOTES} or ${what}`} [${number}]`)),
				life.ended,
			]);
		} catch (error) {
			if (error instanceof UnavailableError || error instanceof InvocationLost) return undefined;
			throw error;
		} finally {
			life.finish();
		}
	}

	#deps(caller: Caller, label: string): ReturnDeps {
		const { time, executions, controlRegion } = this.#world;
		const deps = this.#world.stageDeps(caller, { label, startedAtMs: time.nowMs }, 0);
		const reached = {
			stateOf: (name: string) => caller.call(controlRegion, "stateOf", false, () => executions.stateOf(name)),
			startAs: (name: string, input: Parameters<typeof executions.startAs>[1]) =>
				caller.call(controlRegion, "startAs", true, () => executions.startAs(name, input)),
		};
		return {
			...deps,
			open: this.#openAs(caller),
			lostWrites: (region) => this.#lostWritesAs(caller, region),
			starter: { start: (request) => startMigration({ executions: reached, migrations: deps.migrations }, request) },
			quiesceSeconds: deps.settings.quiesceSeconds,
		};
	}

	#openAs(caller: Caller): OpenPromotions {
		const { open } = this;
		const { controlRegion } = this.#world;
		const call = <T>(operation: string, isWrite: boolean, work: () => Promise<T>) => caller.call(controlRegion, operation, isWrite, work);
		return {
			note: (...args) => call("note", true, () => open.note(...args)),
			noteRejoin: (...args) => call("noteRejoin", true, () => open.noteRejoin(...args)),
			dropRejoin: (...args) => call("dropRejoin", true, () => open.dropRejoin(...args)),
			close: (...args) => call("close", true, () => open.close(...args)),
			list: (...args) => call("listOpen", false, () => open.list(...args)),
		};
	}

	#lostWritesAs(caller: Caller, region: RegionId): Pick<LostWrites, "keep" | "list"> {
		const kept = this.#lost.get(region) ?? new MemoryLostWrites();
		this.#lost.set(region, kept);
		return {
			keep: (ref: BucketRef, write) =>
				caller.call(region, "keepLost", true, async () => {
					if (this.#world.promoting.keepsNothing === true) return;
					await kept.keep(ref, write);
					this.#world.observer.setAside(region, write);
				}),
			list: (ref, range) => caller.call(region, "listLost", false, () => kept.list(ref, range)),
		};
	}
}
