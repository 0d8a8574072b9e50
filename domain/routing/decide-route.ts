import type { RegionId } from "#domain/geography/region-id.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import { bucketOf, clientShare } from "#domain/ring/ring.ts";
import type { KnownRoute } from "#domain/routing/known-route.ts";

/** What is known of a partition: its route, that it has no record, or nothing, because the metadata table cannot be read. */
export type Knowledge = KnownRoute | "absent" | "unread";

export interface RouteQuery {
	readonly partition: PartitionId;
	readonly known: Knowledge;
	/** Sticky identity of the client, which decides whether it is in a canary: asked only where there is one. */
	readonly client: () => string;
	/** The deployed region nearest to the viewer. */
	readonly nearRegion: RegionId;
	/** The deployed regions. */
	readonly regions: readonly RegionId[];
	/** Round-trip time between regions in ms. */
	readonly rttMs: (from: RegionId, to: RegionId) => number;
	/** Whether any copy may answer, by what is asked and at which consistency. */
	readonly anyCopy: boolean;
	/** Whether a region's data plane answers, as far as is known. @default all do */
	readonly isHealthy?: (region: RegionId) => boolean;
	/**
	 * A region that has just failed this very request. Another copy is asked where any may answer; else, and for a canary's clients, whose
	 * failures have to be seen where they happen, the same one again.
	 */
	readonly failed?: RegionId;
}

export interface Route {
	readonly region: RegionId;
	readonly canary: boolean;
	/** The partition's bucket count, where it is known. */
	readonly buckets: number | undefined;
	readonly because: "leader" | "canary" | "near-copy" | "first-touch" | "ring-default" | "leader-not-deployed";
}

/**
 * Where a request goes: to the leader, but for the canary's share of clients while traffic shifts, and for reads that any copy may
 * answer. Without a record the nearest region is asked, which creates the partition or knows better; where the record could not be
 * read, the region that all edges derive from the partition's name. All this is a hint: a region that cannot answer forwards.
 */
export function decideRoute(query: RouteQuery): Route {
	const { known } = query;
	if (known === "absent" || known === "unread") return decideUnknown(query, known);
	const { buckets } = known;
	const target = canaryTarget(query, known);
	if (target !== undefined) return { region: target, canary: true, buckets, because: "canary" };
	const copy = query.anyCopy ? nearestCopy(query, known) : undefined;
	if (copy !== undefined) return { region: copy, canary: false, buckets, because: copy === known.leader ? "leader" : "near-copy" };
	if (query.regions.includes(known.leader)) return { region: known.leader, canary: false, buckets, because: "leader" };
	return { region: standInFor(query, known), canary: false, buckets, because: "leader-not-deployed" };
}

/** Who is asked where the leader's region is not deployed: a follower, else the nearest region that residency allows, else the nearest. */
function standInFor({ nearRegion, regions, rttMs }: RouteQuery, known: KnownRoute): RegionId {
	const allowed = regions.filter((region) => allowsCopyIn(known, region));
	const follower = known.followers.find((candidate) => allowed.includes(candidate));
	return follower ?? nearest(nearRegion, allowed, rttMs, () => true) ?? nearRegion;
}

function decideUnknown(query: RouteQuery, known: "absent" | "unread"): Route {
	const unknown = { canary: false, buckets: undefined };
	if (known === "unread") return { ...unknown, region: defaultRegion(query.partition, query.regions), because: "ring-default" };
	const { nearRegion, regions, rttMs, isHealthy } = query;
	const region = nearest(nearRegion, regions, rttMs, (candidate) => isHealthy?.(candidate) ?? true) ?? nearRegion;
	return { ...unknown, region, because: "first-touch" };
}

/** The region that every edge chooses for a partition of which none knows anything. @param regions deployed, in any order */
export const defaultRegion = (partition: PartitionId, regions: readonly RegionId[]): RegionId =>
	[...regions].sort()[bucketOf(partition, regions.length)] as RegionId;

/** The copy nearest to the viewer's edge that is healthy and has not failed; the leader where another is no nearer. Never where residency forbids one. */
function nearestCopy({ nearRegion, regions, rttMs, isHealthy, failed }: RouteQuery, known: KnownRoute): RegionId | undefined {
	const copies = [known.leader, ...known.followers.filter((follower) => allowsCopyIn(known, follower))];
	return nearest(nearRegion, copies, rttMs, (copy) => regions.includes(copy) && copy !== failed && (isHealthy?.(copy) ?? true));
}

function nearest(
	from: RegionId,
	candidates: readonly RegionId[],
	rttMs: RouteQuery["rttMs"],
	isFit: (region: RegionId) => boolean,
): RegionId | undefined {
	let found: RegionId | undefined;
	for (const candidate of candidates) {
		if (isFit(candidate) && (found === undefined || rttMs(from, candidate) < rttMs(from, found))) found = candidate;
	}
	return found;
}

/** The target for clients in the canary's share. Never a region that residency excludes, that is not deployed or that does not answer. */
function canaryTarget({ client, regions, isHealthy }: RouteQuery, known: KnownRoute): RegionId | undefined {
	const { canary } = known;
	if (canary === undefined || !allowsCopyIn(known, canary.target) || !regions.includes(canary.target)) return undefined;
	if (isHealthy !== undefined && !isHealthy(canary.target)) return undefined;
	return clientShare(client(), canary.salt) < canary.weight ? canary.target : undefined;
}

const allowsCopyIn = ({ residency }: KnownRoute, candidate: RegionId): boolean => residency === undefined || residency.includes(candidate);
