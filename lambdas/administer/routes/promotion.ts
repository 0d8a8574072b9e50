import * as z from "zod";
import type { RegionId } from "#domain/geography/region-id.ts";
import { regionSchema } from "#domain/geography/region-schema.ts";
import type { LossPosition } from "#domain/migration/promotion/list-losses.ts";
import { partitionOf } from "#lambdas/administer/find-record.ts";
import { AdminProblem, type AdminRequest, type AdminResponse, answer, parseBody } from "#lambdas/administer/http.ts";
import type { AdminPorts } from "#lambdas/administer/ports.ts";
import type { PathParameters, Route } from "#lambdas/administer/router.ts";

const promoteSchema = z.strictObject({
	target: regionSchema,
	/** Regions that take no writes: they are down, or cut off from their clients. */
	confirmedOff: z.array(regionSchema).default([]),
	/** Acknowledged writes may be lost. */
	mayLoseWrites: z.boolean().default(false),
});

/** `POST partitions/{partition}/promote`: 200 once the target leads; 202 when the same request has to go on. */
async function promotePartition(ports: AdminPorts, request: AdminRequest, parameters: PathParameters): Promise<AdminResponse> {
	const partition = partitionOf(parameters);
	const body = parseBody(request, promoteSchema);
	checkDeployed(ports, body.target);
	const outcome = await ports.promotions.promote(partition, body);
	if (outcome.kind === "refused")
		throw new AdminProblem(outcome.code === "promotion.partition-unknown" ? 404 : 409, outcome.code, outcome.reason);
	const { leader, followers, epoch, lost = [] } = outcome.record;
	if (outcome.kind === "again") return answer(202, { partition, promoted: false, waitSeconds: outcome.waitSeconds });
	return answer(200, { partition, promoted: true, leader, followers, epoch, lost: lost.map(({ region }) => region) });
}

const reclaimSchema = z.strictObject({
	region: regionSchema,
	limit: z.int().min(1).max(1000).default(100),
	cursor: z.string().optional(),
	/** The number of losses that a whole listing has shown: the copy is discarded. */
	discardLosses: z.int().min(0).optional(),
});

const positionSchema = z.strictObject({ bucket: z.int().min(0), after: z.string().optional(), count: z.int().min(0) });

/**
 * `POST partitions/{partition}/reclaim`: takes back what a promotion left behind in a region. `state` says how far it is: `waiting` and
 * `discarding` (202) want the same request again, `losses` is a page of the listing, `reclaimed` the end.
 */
async function reclaimCopy(ports: AdminPorts, request: AdminRequest, parameters: PathParameters): Promise<AdminResponse> {
	const partition = partitionOf(parameters);
	const { region, limit, cursor, discardLosses } = parseBody(request, reclaimSchema);
	checkDeployed(ports, region);
	const from = cursor === undefined ? {} : { from: positionOf(cursor) };
	const outcome = await ports.promotions.reclaim(partition, {
		region,
		limit,
		...from,
		...(discardLosses === undefined ? {} : { discardLosses }),
	});
	switch (outcome.kind) {
		case "refused":
			throw new AdminProblem(outcome.code === "returned.unknown" ? 404 : 409, outcome.code, outcome.reason);
		case "losses": {
			const { losses, count, next } = outcome;
			const more = next === undefined ? {} : { cursor: Buffer.from(JSON.stringify(next)).toString("base64url") };
			return answer(200, { partition, region, state: "losses", losses, count, ...more });
		}
		case "waiting":
			return answer(202, { partition, region, state: "waiting", waitSeconds: outcome.waitSeconds });
		case "again":
			return answer(202, { partition, region, state: "discarding", waitSeconds: 1 });
		default:
			return answer(200, { partition, region, state: "reclaimed" });
	}
}

function positionOf(cursor: string): LossPosition {
	const parsed = positionSchema.safeParse(jsonOf(Buffer.from(cursor, "base64url").toString()));
	if (!parsed.success) throw new AdminProblem(400, "cursor.invalid", "the cursor is none that this listing gave");
	const { bucket, after, count } = parsed.data;
	return { bucket, count, ...(after === undefined ? {} : { after }) };
}

function jsonOf(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

function checkDeployed({ regions }: AdminPorts, region: RegionId): void {
	if (!regions.includes(region)) throw new AdminProblem(422, "region.unknown", `${region} is no region of this deployment`);
}

/** A leader's region that is lost, and its return. */
export const PROMOTION_ROUTES: readonly Route[] = [
	{ method: "POST", pattern: "partitions/:partition/promote", handle: promotePartition },
	{ method: "POST", pattern: "partitions/:partition/reclaim", handle: reclaimCopy },
];
