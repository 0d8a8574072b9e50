import { z } from "zod";
import { regionSchema } from "#domain/geography/region-schema.ts";
import { MigrationState } from "#domain/migration/record.ts";
import { AdminProblem, type AdminRequest, type AdminResponse, answer, parseBody } from "#lambdas/administer/http.ts";
import type { AdminPorts } from "#lambdas/administer/ports.ts";
import type { Route } from "#lambdas/administer/router.ts";

const freezeSchema = z.strictObject({ global: z.boolean(), regions: z.array(regionSchema).default([]) });

async function writeFreeze({ metadata, regions }: AdminPorts, request: AdminRequest): Promise<AdminResponse> {
	const freeze = parseBody(request, freezeSchema);
	const unknown = freeze.regions.filter((region) => !regions.includes(region));
	if (unknown.length > 0) throw new AdminProblem(422, "region.unknown", `${unknown.join(", ")} is no region of this deployment`);
	await metadata.writeFreeze(freeze);
	return answer(200, freeze);
}

async function listRegions({ metadata, regions, controlRegion, dataPlaneUrls }: AdminPorts): Promise<AdminResponse> {
	const freeze = await metadata.readFreeze();
	return answer(200, {
		regions: regions.map((id) => ({
			id,
			control: id === controlRegion,
			frozen: freeze.global || freeze.regions.includes(id),
			...(dataPlaneUrls[id] === undefined ? {} : { dataPlaneUrl: dataPlaneUrls[id] }),
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

async function countPartitions({ metadata }: AdminPorts): Promise<number> {
	let count = 0;
	let cursor: string | undefined;
	do {
		const page = await metadata.list(cursor === undefined ? { limit: PAGE } : { limit: PAGE, cursor });
		count += page.records.length;
		cursor = page.cursor;
	} while (cursor !== undefined);
	return count;
}

async function summarize(ports: AdminPorts): Promise<AdminResponse> {
	const states = Object.values(MigrationState);
	const [partitions, decisions, ...counts] = await Promise.all([
		countPartitions(ports),
		ports.decisions.count(),
		...states.map((state) => ports.migrations.count(state)),
	]);
	return answer(200, { partitions, decisions, migrations: Object.fromEntries(states.map((state, index) => [state, counts[index]])) });
}

/** What concerns the deployment as a whole. */
export const DEPLOYMENT_ROUTES: readonly Route[] = [
	{ method: "GET", pattern: "freeze", handle: async ({ metadata }) => answer(200, await metadata.readFreeze()) },
	{ method: "PUT", pattern: "freeze", handle: writeFreeze },
	{ method: "GET", pattern: "regions", handle: listRegions },
	{ method: "POST", pattern: "predictions/run", handle: runPredictions },
	{ method: "GET", pattern: "summary", handle: summarize },
];
