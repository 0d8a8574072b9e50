import type { RegionId } from "#domain/geography/region-id.ts";
import type { MigrationRecord } from "#domain/migration/record.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import { type PartitionRecord, Phase } from "#domain/partition/record.ts";
import { bucketIndexOf } from "#domain/partition-state/latency-histogram.ts";
import type { Evidence } from "#domain/partition-state/state.ts";
import { mergeServed, mergeSlices, NOTHING_SERVED, type Served, SLICE_MS, type Slice } from "#domain/partition-state/window.ts";
import { decideRoute } from "#domain/routing/decide-route.ts";
import { routeOf } from "#domain/routing/known-route.ts";
import type { Doer } from "#simulation/check/observer.ts";
import { Invariant, type Violations } from "#simulation/check/violations.ts";
import type { Draws } from "#simulation/draws.ts";
import type { Surroundings } from "#simulation/world/surroundings.ts";

export interface CrowdParts {
	readonly world: Pick<Surroundings, "time" | "network">;
	/** Viewers; none: there is no telemetry. */
	readonly size: number;
	readonly partition: PartitionId;
	readonly regions: readonly RegionId[];
	readonly draws: Draws;
	readonly nearest: (region: RegionId) => PartitionRecord | undefined;
	readonly migrations: ReadonlyMap<string, MigrationRecord>;
	readonly violations: Violations;
	readonly spawn: (work: () => Promise<void>) => void;
}

/** Requests of one viewer in one slice. */
const REQUESTS = 4;
/** Evidence can be read so long after its slice, in ms. */
const DELAY_MS = { low: 4_000, high: 14_000 };
/** Clocks of stages may differ by so much from the time here, in ms. */
const SKEW_MS = 1_000;
/** A crowd that has been watched for so long goes home. */
const MAX_SLICES = 180;
/** Requests that are enough to judge by, whatever rule one has, and a share of errors that no rule allows. */
const PLENTY = 60;
const BAD_SHARE = 0.9;
/** A plan that allows more has seen the partition do badly before. */
const STRICT_SHARE = 0.05;

const distanceOf = (from: RegionId, to: RegionId): number => (from === to ? 0 : 1);

const knownIn = (record: PartitionRecord | undefined) => (record === undefined ? "absent" : routeOf(record));

interface CrowdSlice {
	readonly startMs: number;
	readonly readableMs: number;
	readonly served: Slice;
}

/**
 * Viewers of whom only telemetry is simulated: routed by the production rule, and failing where a region is sick. It is what canary steps
 * and soaks are judged by; and since it knows what it has said, it can tell when a judgement let pass what no judgement may.
 */
export class Crowd {
	readonly #parts: CrowdParts;
	readonly #slices: CrowdSlice[] = [];
	readonly #sick = new Map<RegionId, number>();
	readonly #divergences = new Map<RegionId, number>();
	#watched = false;
	/** When the canary's present weight was set. */
	#stepSinceMs = 0;
	#soakSinceMs = 0;

	constructor(parts: CrowdParts) {
		this.#parts = parts;
	}

	get isThere(): boolean {
		return this.#parts.size > 0;
	}

	/** Traffic shifts: from here on somebody will ask how it goes. */
	watch(): void {
		if (this.#watched || !this.isThere) return;
		this.#watched = true;
		this.#parts.spawn(() => this.#live());
	}

	/** A share of what is asked of a region fails; 0: none. */
	sicken(region: RegionId, share: number): void {
		this.#sick.set(region, share);
	}

	diverged(region: RegionId): void {
		this.#divergences.set(region, (this.#divergences.get(region) ?? 0) + 1);
	}

	/** As the state table gives it. */
	read(sinceMs: number, untilMs: number): Evidence {
		const { nowMs } = this.#parts.world.time;
		const known = this.#slices.filter(({ startMs, readableMs }) => startMs >= sinceMs && startMs <= untilMs && readableMs <= nowMs);
		return { slices: known.map(({ served }) => served), viewers: {}, divergences: Object.fromEntries(this.#divergences) };
	}

	/** The partition's record was changed. */
	recorded(doer: Doer, before: PartitionRecord | undefined, after: PartitionRecord): void {
		const { nowMs } = this.#parts.world.time;
		if (after.canary !== undefined && after.canary.weight !== before?.canary?.weight) this.#stepSinceMs = nowMs;
		if (after.phase === Phase.Soaking && before?.phase !== Phase.Soaking) this.#soakSinceMs = nowMs;
		if (before?.phase !== Phase.Soaking || after.phase !== Phase.Settling) return;
		const plan = this.#planOf(before);
		const evident = this.#served(this.#soakSinceMs + SKEW_MS, doer.startedAtMs - SKEW_MS);
		this.#expectGood(plan?.transfer === undefined ? undefined : evident[plan.transfer], plan, "the soak");
	}

	/** Cutover has moved leadership. */
	moved(from: RegionId, to: RegionId): void {
		const record = this.#parts.nearest(this.#control);
		const plan = record === undefined ? undefined : this.#planOf(record);
		const last = plan?.traffic.steps.at(-1);
		if (record?.canary?.target !== to || record.canary.weight !== last?.weight) return;
		const evident = this.#served(this.#stepSinceMs + SKEW_MS, this.#stepSinceMs + last.holdSeconds * 1000 - SKEW_MS);
		if ((evident[from]?.errors ?? 0) === 0) this.#expectGood(evident[to], plan, "the canary");
	}

	get #control(): RegionId {
		const [control] = this.#parts.regions;
		if (control === undefined) throw new RangeError("no region");
		return control;
	}

	#planOf({ migrationId }: PartitionRecord): MigrationRecord["plan"] | undefined {
		return migrationId === undefined ? undefined : this.#parts.migrations.get(migrationId)?.plan;
	}

	#served(sinceMs: number, readableMs: number): Slice {
		return mergeSlices(this.#slices.filter((one) => one.startMs >= sinceMs && one.readableMs <= readableMs).map(({ served }) => served));
	}

	#expectGood(served: Served | undefined, plan: MigrationRecord["plan"] | undefined, what: string): void {
		if (served === undefined || plan === undefined || served.requests < PLENTY || plan.traffic.abort.maxErrorShare > STRICT_SHARE) return;
		const share = served.errors / served.requests;
		this.#parts.violations.expect(
			share < BAD_SHARE,
			Invariant.Judged,
			() => `${what} passed although ${served.errors} of ${served.requests} requests were known to have failed`,
		);
	}

	async #live(): Promise<void> {
		const { world } = this.#parts;
		for (let i = 0; i < MAX_SLICES; i++) {
			const startMs = Math.ceil(world.time.nowMs / SLICE_MS) * SLICE_MS;
			await world.time.sleep(startMs + SLICE_MS - world.time.nowMs);
			this.#slices.push({ startMs, readableMs: startMs + SLICE_MS + this.#delayMs(), served: this.#serve() });
			const record = this.#parts.nearest(this.#control);
			if (record?.phase !== Phase.Soaking && record?.canary === undefined) break;
		}
		this.#watched = false;
	}

	#delayMs(): number {
		return this.#parts.draws.between(DELAY_MS.low, DELAY_MS.high);
	}

	#serve(): Slice {
		const { size, regions, nearest } = this.#parts;
		const query = { partition: this.#parts.partition, regions, rttMs: distanceOf, anyCopy: false };
		const served: Record<string, Served> = {};
		for (let viewer = 0; viewer < size; viewer++) {
			const nearRegion = regions[viewer % regions.length] ?? this.#control;
			const { region } = decideRoute({ ...query, known: knownIn(nearest(nearRegion)), client: () => `viewer-${viewer}`, nearRegion });
			served[region] = mergeServed(served[region] ?? NOTHING_SERVED, this.#answered(nearRegion, region));
		}
		return served;
	}

	#answered(from: RegionId, region: RegionId): Served {
		const { draws, world } = this.#parts;
		const share = world.network.serves(from, region) ? (this.#sick.get(region) ?? 0) : 1;
		const errors = Array.from({ length: REQUESTS }, () => draws.next()).filter((luck) => luck < share).length;
		const latency = { [bucketIndexOf(from === region ? 20 : 150)]: REQUESTS };
		return { requests: REQUESTS, errors, writes: 1, bytes: 100, latency };
	}
}
