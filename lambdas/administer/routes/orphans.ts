import * as z from "zod";
import { regionSchema } from "#domain/geography/region-schema.ts";
import { isPresent, type Orphan } from "#domain/orphans/orphan.ts";
import { partitionOf } from "#lambdas/administer/find-record.ts";
import { AdminProblem, type AdminRequest, type AdminResponse, answer, parseBody, parseQuery } from "#lambdas/administer/http.ts";
import type { AdminPorts } from "#lambdas/administer/ports.ts";
import type { PathParameters, Route } from "#lambdas/administer/router.ts";

const querySchema = z.strictObject({ cursor: z.string().optional(), limit: z.coerce.number().int().min(1).max(1000).default(100) });

/** `GET orphans`: copies that no record explains, as the last whole walk and what has been walked since have met them. */
async function listOrphans({ orphans }: AdminPorts, request: AdminRequest): Promise<AdminResponse> {
	const { cursor, limit } = parseQuery(request, querySchema);
	const [walks, page] = await Promise.all([
		orphans.store.readWalks(),
		orphans.store.list({ limit, ...(cursor === undefined ? {} : { cursor }) }),
	]);
	return answer(200, {
		orphans: page.orphans.filter((orphan) => isPresent(orphan, walks)).map(viewOf),
		...(page.cursor === undefined ? {} : { cursor: page.cursor }),
		...(walks.last === undefined
			? {}
			: { completeAsOf: iso(walks.last.startedAtMs), buckets: walks.last.buckets, skippedRegions: walks.last.skipped }),
		...(walks.current === undefined ? {} : { walking: walks.current.region }),
	});
}

const viewOf = ({ firstSeenAtMs, lastSeenAtMs, removedAtMs: _, ...orphan }: Orphan) => ({
	...orphan,
	firstSeenAt: iso(firstSeenAtMs),
	lastSeenAt: iso(lastSeenAtMs),
});

const iso = (ms: number): string => new Date(ms).toISOString();

/** `POST orphans/scan`: goes on with the walk, or begins one, for as long as a request may take. */
async function scanOrphans({ orphans }: AdminPorts): Promise<AdminResponse> {
	const { finished, buckets, found } = await orphans.scan();
	return answer(200, { finished, buckets, orphans: found.map(viewOf) });
}

const removeSchema = z.strictObject({ region: regionSchema });

/** `POST partitions/{partition}/orphans/remove`: 200 once it is gone; 202 when the same request has to go on. */
async function removeOrphan({ orphans, regions }: AdminPorts, request: AdminRequest, parameters: PathParameters): Promise<AdminResponse> {
	const partition = partitionOf(parameters);
	const { region } = parseBody(request, removeSchema);
	if (!regions.includes(region)) throw new AdminProblem(422, "region.unknown", `${region} is no region of this deployment`);
	const outcome = await orphans.remove({ region, partition });
	if (outcome.kind === "refused") throw new AdminProblem(outcome.code === "orphan.unknown" ? 404 : 409, outcome.code, outcome.reason);
	return answer(outcome.kind === "removed" ? 200 : 202, { partition, region, removed: outcome.kind === "removed" });
}

/** Copies that no record explains. */
export const ORPHAN_ROUTES: readonly Route[] = [
	{ method: "GET", pattern: "orphans", handle: listOrphans },
	{ method: "POST", pattern: "orphans/scan", handle: scanOrphans },
	{ method: "POST", pattern: "partitions/:partition/orphans/remove", handle: removeOrphan },
];
