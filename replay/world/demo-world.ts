import { strict as assert } from "node:assert";
import type { Locator } from "#domain/geography/locate.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import { AccessOp, type AccessRow } from "#replay/readers/access-row.ts";
import { type City, localTimeIn } from "#replay/world/cities.ts";
import { drawsOf, poisson } from "#replay/world/draws.ts";
import { type Audience, WORLD, type WorldPartition } from "#replay/world/tenants.ts";

const HOUR_MS = 3_600_000;
/** Most accesses of an application read. */
const READ_SHARE = 0.7;

/** A Monday, 00:00 UTC, some weeks before summer time begins in Europe and America, so that a run of weeks crosses both. */
export const DEMO_START_MS = Date.UTC(2025, 1, 17);

/** Which part of the demo world to generate. */
export interface DemoWorldOptions {
	readonly seed: number;
	/** Milliseconds since the Unix epoch; whole hours count from here. */
	readonly startMs: number;
	/** Exclusive. @default endless */
	readonly endMs?: number;
	/** Places viewers among the deployed regions. */
	readonly locate: Locator;
}

type Draft = Omit<AccessRow, "line">;

/** The accesses of the demo world in order of time, an hour a batch. The same options always give the same rows. */
export async function* demoWorld(options: DemoWorldOptions): AsyncGenerator<readonly AccessRow[]> {
	let line = 0;
	const endMs = options.endMs ?? Number.POSITIVE_INFINITY;
	for (let hourMs = options.startMs; hourMs < endMs; hourMs += HOUR_MS) {
		const founding = hourMs === options.startMs ? foundings(options) : [];
		const drafts = [...founding, ...WORLD.flatMap((partition) => hourOf(partition, hourMs, options))];
		const rows = drafts.filter((draft) => draft.tsMs < endMs).sort((a, b) => a.tsMs - b.tsMs);
		yield rows.map((draft): AccessRow => ({ ...draft, line: ++line }));
	}
}

/** The regions that may hold a partition of the demo world; undefined for any. A rule that no deployed region meets is left out. */
export function residencyOf(partition: string, regions: readonly RegionId[]): readonly RegionId[] | undefined {
	const prefix = WORLD.find((candidate) => candidate.partition === partition)?.residencyPrefix;
	if (prefix === undefined) return undefined;
	const allowed = regions.filter((region) => region.startsWith(prefix));
	return allowed.length === 0 ? undefined : allowed;
}

/** Each partition is first written by its founder, before anybody uses it. */
const foundings = ({ startMs, locate }: DemoWorldOptions): Draft[] =>
	WORLD.map(({ partition, tenant, founder }, index) => ({
		tsMs: startMs + index,
		partition: partitionId(partition),
		region: regionOf(founder, locate),
		count: 1,
		op: AccessOp.Write,
		segment: tenant,
	}));

function hourOf(partition: WorldPartition, hourMs: number, options: DemoWorldOptions): Draft[] {
	return partition.audiences.flatMap((audience, index) => audienceHour(partition, audience, index, hourMs, options));
}

function audienceHour(world: WorldPartition, audience: Audience, index: number, hourMs: number, options: DemoWorldOptions): Draft[] {
	const { seed, startMs, locate } = options;
	const draw = drawsOf(`${seed}/${world.partition}/${index}/${hourMs}`);
	const city = audience.city(seed, hourMs);
	const lift = audience.lift?.(hourMs, startMs) ?? 1;
	const accesses = poisson(audience.peakPerHour * audience.profile(localTimeIn(city, hourMs)) * lift, draw);
	return Array.from({ length: accesses }, () => ({
		// The founders' milliseconds stay before everybody else's.
		tsMs: hourMs + 1000 + Math.floor(draw() * (HOUR_MS - 1000)),
		partition: partitionId(world.partition),
		region: regionOf(city, locate),
		count: 1,
		op: draw() < READ_SHARE ? AccessOp.Read : AccessOp.Write,
		segment: world.tenant,
	}));
}

function regionOf(city: City, locate: Locator): RegionId {
	const found = locate({ region: city.region });
	assert(found.kind === "located", `no deployed region for ${city.name}`);
	return found.region;
}
