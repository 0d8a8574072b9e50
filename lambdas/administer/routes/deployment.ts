import * as z from "zod";
import type { RegionId } from "#domain/geography/region-id.ts";
import { MigrationState } from "#domain/migration/record.ts";
import { type AdminRequest, type AdminResponse, answer, parseBody, parseQuery } from "#lambdas/administer/http.ts";
import type { AdminPorts } from "#lambdas/administer/ports.ts";
import type { Route } from "#lambdas/administer/router.ts";
import { changeFreeze, writeFreeze } from "#lambdas/administer/routes/freeze.ts";
import { streamChanges } from "#lambdas/administer/routes/stream.ts";

const regionsQuery = z.strictObject({ health: z.stringbool().default(false) });

/** With `?health=true` every region's data table is asked once. */
async function listRegions(ports: AdminPorts, request: AdminRequest): Promise<AdminResponse> {
	const { regions, controlRegion } = ports;
	const { health } = parseQuery(request, regionsQuery);
	const [freeze, dataPlaneUrls, found] = await Promise.all([
		ports.metadata.readFreeze(),
		ports.dataPlanes.all(),
		Promise.all(regions.map((region) => (health ? ports.probeRegion(region) : undefined))),
	]);
	return answer(200, {
		regions: regions.map((id, index) => ({
			id,
			control: id === controlRegion,
			frozen: freeze.global || freeze.regions.includes(id),
			...(dataPlaneUrls[id] === undefined ? {} : { dataPlaneUrl: dataPlaneUrls[id] }),
			...(found[index] === undefined ? {} : { health: found[index] }),
		})),
	});
}

const runSchema = z.strictObject({ scheduledTime: z.iso.datetime().optional() });

async function runPredictions(ports: AdminPorts, request: AdminRequest): Promise<AdminResponse> {
	const body = parseBody(request, runSchema);
	const scheduledTime = body.scheduledTime ?? new Date(ports.clock.nowMs()).toISOString();
	const execution = await ports.startPrediction(scheduledTime);
	return answer(202, { execution, scheduledTime });
}

const PAGE = 1000;

/** How many partitions each region leads; regions that lead none are left out. */
async function countByLeader({ metadata }: AdminPorts): Promise<ReadonlyMap<RegionId, number>> {
	const counts = new Map<RegionId, number>();
	let cursor: string | undefined;
	do {
		const page = await metadata.list(cursor === undefined ? { limit: PAGE } : { limit: PAGE, cursor });
		for (const { leader } of page.records) counts.set(leader, (counts.get(leader) ?? 0) + 1);
		cursor = page.cursor;
	} while (cursor !== undefined);
	return counts;
}

async function summarize(ports: AdminPorts): Promise<AdminResponse> {
	const states = Object.values(MigrationState);
	const [byLeader, decisions, ...counts] = await Promise.all([
		countByLeader(ports),
		ports.decisions.count(),
		...states.map((state) => ports.migrations.count(state)),
	]);
	return answer(200, {
		now: new Date(ports.clock.nowMs()).toISOString(),
		partitions: [...byLeader.values()].reduce((sum, count) => sum + count, 0),
		leaders: Object.fromEntries(byLeader),
		decisions,
		migrations: Object.fromEntries(states.map((state, index) => [state, counts[index]])),
	});
}

/** What concerns the deployment as a whole. */
export const DEPLOYMENT_ROUTES: readonly Route[] = [
	{ method: "GET", pattern: "freeze", handle: async ({ metadata }) => answer(200, await metadata.readFreeze()) },
	{ method: "PUT", pattern: "freeze", handle: writeFreeze },
	{ method: "PATCH", pattern: "freeze", handle: changeFreeze },
	{ method: "GET", pattern: "regions", handle: listRegions },
	{ method: "POST", pattern: "predictions/run", handle: runPredictions },
	{ method: "GET", pattern: "summary", handle: summarize },
	{ method: "GET", pattern: "stream", handle: streamChanges },
];
