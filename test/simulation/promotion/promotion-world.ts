import { expect } from "vitest";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { LossPosition } from "#domain/migration/promotion/list-losses.ts";
import { type PromotionOutcome, promote } from "#domain/migration/promotion/promote.ts";
import type { PromotionDeps, PromotionRequest } from "#domain/migration/promotion/promotion.ts";
import { reclaim } from "#domain/migration/promotion/reclaim.ts";
import { MIGRATION_SETTINGS } from "#domain/migration/settings.ts";
import { copyHistory } from "#domain/partition/copy-history.ts";
import { FenceRole, WriteMode } from "#domain/partition/fence.ts";
import { bucketsOf } from "#domain/partition/partition-id.ts";
import { GUARD_TTL_MS } from "#domain/partition/settings.ts";
import { compareVersions, type Version } from "#domain/partition/version.ts";
import type { RegionalStores } from "#domain/ports/regional-store.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { MemoryOpenPromotions } from "#simulation/stores/memory-open-promotions.ts";
import { A, B, BUCKETS, C, type Hook, MigrationWorld, P } from "#test/simulation/migration/migration-world.ts";

export const KEYS = ["a", "b", "c", "d"];
export const NO_HOOK: Hook = () => {};

/** Longest time a write is under way, in ms: the data plane's hard timeout. */
const FLIGHT_MS = 10_000;

interface Write {
	readonly key: string;
	readonly version: Version;
	readonly requestId: string;
}

/** A world of three regions of which some may be out of reach for the engine, and off, or not, for their clients. */
export class PromotionWorld extends MigrationWorld {
	/** The engine, streams and operators cannot reach these. */
	readonly cut = new Set<RegionId>();
	/** Clients cannot reach these. */
	readonly off = new Set<RegionId>();
	readonly open = new MemoryOpenPromotions();
	readonly acknowledged: Write[] = [];
	/** By epoch of a promotion and key: what the new leader held in the moment it took the lead. */
	readonly inherited = new Map<number, Map<string, Version>>();
	/** By key, the newest version that a region is reported to have lost. */
	readonly reported = new Map<string, Version>();
	#requests = 0;

	/** The regions as the engine, streams and operators see them. */
	override stores(hook: Hook): RegionalStores {
		const stores = super.stores(hook);
		return (region) => this.#reachable(region, stores(region));
	}

	operator(hook: Hook): PromotionDeps {
		return { ...this.deps(hook), open: this.open, quiesceSeconds: MIGRATION_SETTINGS.quiesceSeconds };
	}

	/** One call of the admin API. What the new leader inherits is remembered. */
	async promoteOnce(request: PromotionRequest, hook: Hook = NO_HOOK): Promise<PromotionOutcome> {
		const watching: Hook = async (when, operation, isWrite) => {
			// Before anybody else's turn: the new leader takes writes at once.
			if (when === "after" && operation === "changeFences") this.#rememberInherited();
			await hook(when, operation, isWrite);
		};
		return promote(this.operator(watching), P, request, Number.POSITIVE_INFINITY);
	}

	/** Calls until it has ended, as the command does. */
	async promote(request: PromotionRequest, hook: Hook = NO_HOOK, sleep = async (ms: number) => this.clock.advance(ms)): Promise<string> {
		for (let calls = 0; calls < 30; calls++) {
			const outcome = await this.promoteOnce(request, hook);
			if (outcome.kind === "promoted") return "promoted";
			if (outcome.kind === "refused" && outcome.code !== "promotion.busy") return outcome.code;
			await sleep(outcome.kind === "again" ? outcome.waitSeconds * 1000 : 1000);
		}
		return "promotion.busy";
	}

	/** Takes a returned copy back, reading every page of its losses. @returns how it ended */
	async reclaim(region: RegionId, hook: Hook = NO_HOOK, sleep = async (ms: number) => this.clock.advance(ms)): Promise<string> {
		const deps = this.operator(hook);
		let from: LossPosition | undefined;
		let discardLosses: number | undefined;
		for (let calls = 0; calls < 100; calls++) {
			const position = from === undefined ? {} : { from };
			const accepted = discardLosses === undefined ? {} : { discardLosses };
			const request = { region, limit: 1, ...position, ...accepted };
			const outcome = await reclaim(deps, P, request, Number.POSITIVE_INFINITY);
			if (outcome.kind === "reclaimed") return "reclaimed";
			if (outcome.kind === "refused") return outcome.code;
			if (outcome.kind === "waiting") await sleep(outcome.waitSeconds * 1000);
			if (outcome.kind !== "losses") continue;
			for (const { key, version } of outcome.losses) this.#report(key, version);
			from = outcome.next;
			if (outcome.next === undefined) discardLosses = outcome.count;
		}
		throw new Error("a copy is never reclaimed");
	}

	/** A client's write through some region that it can reach; what is acknowledged is remembered. */
	async write(key: string, through: RegionId): Promise<boolean> {
		const ref = this.refOf(key);
		const requestId = `w${++this.#requests}`;
		if (this.off.has(through)) return false;
		const readAtMs = this.clock.nowMs();
		const fence = await this.store(through).readFence(ref);
		if (fence?.role !== FenceRole.Leader) return false;
		const content = { body: new TextEncoder().encode(requestId), contentType: "text/plain" };
		const write = { key, content, precondition: { kind: "none" as const }, requestId, nowMs: this.clock.nowMs() };
		await this.scheduler.turn();
		if (fence.mode === WriteMode.Steady && this.scheduler.random() < 0.2) await this.scheduler.sleep(this.scheduler.random() * FLIGHT_MS);
		if (this.off.has(through) || this.clock.nowMs() - readAtMs >= GUARD_TTL_MS + FLIGHT_MS) return false;
		const outcome = await (fence.mode === WriteMode.Guarded
			? this.store(through).writeGuarded(ref, write, fence.epoch)
			: this.store(through).writeSteady(ref, write, { epoch: fence.epoch, validUntilMs: Number.POSITIVE_INFINITY }));
		if (outcome.kind !== "written") return false;
		this.acknowledged.push({ key, version: outcome.version, requestId });
		return true;
	}

	/** Every acknowledged write is at the leader, followed by a later one there, or listed as lost. @throws when one is not */
	checkLosses(): { readonly lost: number } {
		const record = this.metadata.control.get(P);
		const leader = record?.leader ?? A;
		const held = new Map(this.items(leader).map((item) => [item.key, item.version]));
		let lost = 0;
		for (const { key, version, requestId } of this.acknowledged) {
			const now = held.get(key);
			expect(now, `${key} at the leader`).toBeDefined();
			const inherited = this.#inheritedAfter(key, version);
			const kept = inherited.every((one) => one !== undefined && compareVersions(one, version) >= 0);
			if (kept) expect(now === undefined ? -1 : compareVersions(now, version), `${requestId} of ${key}`).toBeGreaterThanOrEqual(0);
			else {
				lost += 1;
				const told = this.reported.get(key);
				expect(told === undefined ? -1 : compareVersions(told, version), `${requestId} of ${key} lost, and listed`).toBeGreaterThanOrEqual(
					0,
				);
			}
		}
		return { lost };
	}

	/** What the leaders of later promotions began with. */
	#inheritedAfter(key: string, version: Version): readonly (Version | undefined)[] {
		return [...this.inherited].filter(([epoch]) => epoch > version.epoch).map(([, items]) => items.get(key));
	}

	#report(key: string, version: Version): void {
		const known = this.reported.get(key);
		if (known === undefined || compareVersions(version, known) > 0) this.reported.set(key, version);
	}

	#rememberInherited(): void {
		const promotion = this.metadata.control.get(P)?.promotion;
		if (promotion === undefined || this.inherited.has(promotion.epoch)) return;
		const slot = this.store(promotion.target).buckets.get(`${P}#0`);
		if (slot?.fence?.role !== FenceRole.Leader || slot.fence.epoch !== promotion.epoch) return;
		this.inherited.set(promotion.epoch, new Map(this.items(promotion.target).map(({ key, version }) => [key, version])));
	}

	#reachable<T extends object>(region: RegionId, store: T): T {
		return new Proxy(store, {
			get: (inner, name) => {
				const member: unknown = Reflect.get(inner, name, inner);
				if (typeof member !== "function") return member;
				return async (...args: unknown[]) => {
					if (this.cut.has(region)) throw new UnavailableError(`${region} does not answer`);
					return (member as (...args: unknown[]) => Promise<unknown>).apply(inner, args);
				};
			},
		});
	}
}

/** One leader, at one epoch, which record and followers know; nothing held, nothing owed, no copy that nobody knows. */
export function checkQuiet(world: PromotionWorld, leader: RegionId, followers: readonly RegionId[]): void {
	const record = world.metadata.control.get(P);
	expect(record).toMatchObject({ leader, phase: "active" });
	expect([...(record?.followers ?? [])].sort()).toEqual([...followers].sort());
	for (const field of ["promotion", "migrationId", "canary", "lost"]) expect(record).not.toHaveProperty(field);
	const copies = [leader, ...followers];
	const spans = record === undefined ? [] : copyHistory(record, [...world.migrations.copies.values()]);
	const present = spans.filter(({ toMs }) => toMs === undefined).map(({ region }) => region);
	expect(present.toSorted(), "the audit of copies").toEqual(copies.toSorted());
	const own = versionsIn(world, leader);
	for (const region of [A, B, C]) {
		for (const { bucket } of bucketsOf(P, BUCKETS)) {
			const slot = world.store(region).buckets.get(`${P}#${bucket}`);
			expect([...(slot?.journal.keys() ?? [])], `journal in ${region}`).toEqual([]);
			expect(slot?.fence?.migrationId, `hold in ${region}`).toBeUndefined();
			const role = slot?.fence?.role ?? FenceRole.Moved;
			if (!copies.includes(region)) expect([FenceRole.Moved, FenceRole.Aborted]).toContain(role);
			else
				expect(slot?.fence).toMatchObject({
					role: region === leader ? FenceRole.Leader : FenceRole.Follower,
					epoch: record?.epoch,
					leader,
				});
			if (region === leader) expect([...(slot?.fence?.peers ?? [])].sort()).toEqual([...followers].sort());
		}
		expect(versionsIn(world, region), `items in ${region}`).toEqual(copies.includes(region) ? own : []);
	}
}

const versionsIn = (world: PromotionWorld, region: RegionId): readonly string[] =>
	world
		.items(region)
		.map(({ key, version, requestId }) => `${key} ${version.epoch}.${version.n} ${requestId}`)
		.sort();
