import type { RegionId } from "#domain/geography/region-id.ts";
import { DATA_PLANE_TIMEOUT_SECONDS } from "#domain/migration/settings.ts";
import { type Fence, FenceRole, WriteMode } from "#domain/partition/fence.ts";
import type { WriteOutcome } from "#domain/partition/item.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import { GUARD_TTL_MS } from "#domain/partition/settings.ts";
import { compareVersions, type Version } from "#domain/partition/version.ts";
import { A, type MigrationWorld } from "./migration-world.ts";

const TIMEOUT_MS = DATA_PLANE_TIMEOUT_SECONDS * 1000;

/** The newest acknowledged write of each key, and what it wrote. */
export type Acknowledged = Map<string, { version: Version; body: string }>;

interface Cached {
	readonly fence: Fence;
	readonly validUntilMs: number;
}

/** A data plane as far as the protocol knows it: caches steady fences for guardTtl, and what it sends may arrive until its hard timeout. */
export class Client {
	readonly #world: MigrationWorld;
	readonly #acknowledged: Acknowledged;
	readonly #cache = new Map<string, Cached>();
	#region: RegionId = A;
	#ids = 0;
	readonly name: string;

	constructor(world: MigrationWorld, acknowledged: Acknowledged, name: string) {
		this.#world = world;
		this.#acknowledged = acknowledged;
		this.name = name;
	}

	/** Writes a fresh value, retrying until it is acknowledged or the client gives up. */
	async write(key: string): Promise<void> {
		this.#ids += 1;
		const requestId = `${this.name}-${this.#ids}`;
		const ref = this.#world.refOf(key);
		for (let tries = 0; tries < 60; tries++) {
			const outcome = await this.#attempt(ref, key, requestId);
			if (outcome?.kind === "written") return this.#acknowledge(key, outcome.version, requestId);
			await this.#world.scheduler.turn();
		}
	}

	/** A linearizable read: whatever was acknowledged before it began must be there. @throws when it is not */
	async read(key: string): Promise<void> {
		const floor = this.#acknowledged.get(key)?.version;
		const ref = this.#world.refOf(key);
		for (let tries = 0; tries < 60; tries++) {
			const seen = await this.#leader(ref);
			if (seen === undefined) continue;
			await this.#world.scheduler.turn();
			const item = await this.#world.store(this.#region).readItem(ref, key);
			if (seen.fence.mode === WriteMode.Steady) {
				if (this.#world.clock.nowMs() >= seen.validUntilMs) continue;
			} else {
				await this.#world.scheduler.turn();
				const after = await this.#world.store(this.#region).readFence(ref);
				if (after?.role !== FenceRole.Leader || after.epoch !== seen.fence.epoch) continue;
			}
			if (floor !== undefined && (item === undefined || compareVersions(item.version, floor) < 0)) {
				throw new Error(`stale read of ${key} in ${this.#region}: ${JSON.stringify(item?.version)} below ${JSON.stringify(floor)}`);
			}
			return;
		}
	}

	async #attempt(ref: BucketRef, key: string, requestId: string): Promise<WriteOutcome | undefined> {
		const { scheduler, clock } = this.#world;
		const startMs = clock.nowMs();
		const seen = await this.#leader(ref);
		if (seen === undefined) return undefined;
		await scheduler.turn();
		const region = this.#region;
		const content = { body: new TextEncoder().encode(requestId), contentType: "text/plain" };
		const write = { key, content, precondition: { kind: "none" as const }, requestId, nowMs: clock.nowMs() };
		if (seen.fence.mode === WriteMode.Guarded) return this.#world.store(region).writeGuarded(ref, write, seen.fence.epoch);
		if (clock.nowMs() >= seen.validUntilMs) return undefined;
		// Under way: it may land long after the lease was checked, but not after the hard timeout.
		if (scheduler.random() < 0.3) await scheduler.sleep(scheduler.random() * TIMEOUT_MS);
		if (clock.nowMs() - startMs >= TIMEOUT_MS) {
			this.#cache.clear();
			return undefined;
		}
		return this.#world.store(region).writeSteady(ref, write, { epoch: seen.fence.epoch, validUntilMs: Number.POSITIVE_INFINITY });
	}

	/** The leader's fence where this client stands now; moves on along what fences say. */
	async #leader(ref: BucketRef): Promise<Cached | undefined> {
		const { scheduler, clock } = this.#world;
		const id = `${this.#region}/${ref.bucket}`;
		const cached = this.#cache.get(id);
		if (cached !== undefined && clock.nowMs() < cached.validUntilMs) return cached;
		const validUntilMs = clock.nowMs() + GUARD_TTL_MS;
		await scheduler.turn();
		const fence = await this.#world.store(this.#region).readFence(ref);
		this.#cache.delete(id);
		if (fence?.role === FenceRole.Leader) {
			const seen = { fence, validUntilMs };
			if (fence.mode === WriteMode.Steady) this.#cache.set(id, seen);
			return seen;
		}
		if (fence?.role === FenceRole.Fenced) await scheduler.sleep(50);
		else this.#region = fence?.leader ?? A;
		return undefined;
	}

	#acknowledge(key: string, version: Version, body: string): void {
		const known = this.#acknowledged.get(key);
		if (known === undefined || compareVersions(version, known.version) > 0) this.#acknowledged.set(key, { version, body });
	}
}
