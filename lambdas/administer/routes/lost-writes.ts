import * as z from "zod";
import { regionSchema } from "#domain/geography/region-schema.ts";
import { type BucketRef, bucketsOf } from "#domain/partition/partition-id.ts";
import { etagOf } from "#domain/partition/version.ts";
import type { LostWrite } from "#domain/ports/lost-writes.ts";
import { bucketOf } from "#domain/ring/ring.ts";
import { findRecord } from "#lambdas/administer/find-record.ts";
import { AdminProblem, type AdminRequest, type AdminResponse, answer, parseQuery } from "#lambdas/administer/http.ts";
import type { AdminPorts } from "#lambdas/administer/ports.ts";
import type { PathParameters, Route } from "#lambdas/administer/router.ts";

const regionQuery = z.strictObject({ region: regionSchema });
const listQuery = z.strictObject({
	region: regionSchema,
	limit: z.coerce.number().int().min(1).max(1000).default(100),
	cursor: z.string().optional(),
});
const positionSchema = z.tuple([z.int().min(0), z.string().optional()]);

/** What is kept of a region for one partition. @throws AdminProblem 404 unknown partition, 422 unknown region */
async function keptIn(ports: AdminPorts, parameters: PathParameters, region: z.infer<typeof regionSchema>) {
	const { partition, buckets } = await findRecord(ports, parameters);
	if (!ports.regions.includes(region)) throw new AdminProblem(422, "region.unknown", `${region} is no region of this deployment`);
	return { partition, buckets, kept: ports.lostWrites(region) };
}

/** `GET partitions/{p}/lost?region=`: what a lost region took in and its partition's new leader lacks, bucket by bucket. */
async function listLost(ports: AdminPorts, request: AdminRequest, parameters: PathParameters): Promise<AdminResponse> {
	const { region, limit, cursor } = parseQuery(request, listQuery);
	const { partition, buckets, kept } = await keptIn(ports, parameters, region);
	const lost: unknown[] = [];
	let [bucket, after] = cursor === undefined ? [0, undefined] : positionOf(cursor);
	for (const ref of bucketsOf(partition, buckets).slice(bucket)) {
		const page = await kept.list(ref, { limit: limit - lost.length, ...(after === undefined ? {} : { after }) });
		lost.push(...page.entries.map(describe));
		after = page.next;
		bucket = after === undefined ? ref.bucket + 1 : ref.bucket;
		if (lost.length >= limit || after !== undefined) break;
	}
	const more =
		bucket < buckets ? { cursor: Buffer.from(JSON.stringify(after === undefined ? [bucket] : [bucket, after])).toString("base64url") } : {};
	return answer(200, { partition, region, lost, ...more });
}

/** @throws AdminProblem 400 for a text that no page gave */
function positionOf(cursor: string): readonly [number, string | undefined] {
	try {
		const [bucket, after] = positionSchema.parse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
		return [bucket, after];
	} catch {
		throw new AdminProblem(400, "cursor.invalid", "the cursor is none that this listing gave");
	}
}

const describe = ({ key, version, deleted, body, contentType, writtenAtMs, expiresAt, requestId }: LostWrite) => ({
	key,
	etag: etagOf(version),
	what: deleted ? "deletion" : "write",
	...(deleted ? {} : { size: body.byteLength, contentType }),
	writtenAt: new Date(writtenAtMs).toISOString(),
	...(expiresAt === undefined ? {} : { keptUntil: new Date(expiresAt * 1000).toISOString() }),
	requestId,
});

/** One kept write. @throws AdminProblem 404 */
async function findLost(ports: AdminPorts, request: AdminRequest, parameters: PathParameters) {
	const { region } = parseQuery(request, regionQuery);
	const { partition, buckets, kept } = await keptIn(ports, parameters, region);
	const key = parameters["key"] ?? "";
	const ref: BucketRef = { partition, bucket: bucketOf(key, buckets) };
	const write = await kept.read(ref, key);
	if (write === undefined) throw new AdminProblem(404, "lost-write.unknown", `nothing of ${key.slice(0, 200)} is kept in ${region}`);
	return { partition, region, ref, write, kept };
}

/** `GET partitions/{p}/lost/{key}?region=`: with its content, in base64. */
async function showLost(ports: AdminPorts, request: AdminRequest, parameters: PathParameters): Promise<AdminResponse> {
	const { partition, region, write } = await findLost(ports, request, parameters);
	const content = write.deleted ? {} : { body: Buffer.from(write.body).toString("base64") };
	return answer(200, { partition, region, ...describe(write), ...content });
}

/** `DELETE partitions/{p}/lost/{key}?region=`: it has been written again, or nobody wants it. */
async function forgetLost(ports: AdminPorts, request: AdminRequest, parameters: PathParameters): Promise<AdminResponse> {
	const { partition, region, ref, write, kept } = await findLost(ports, request, parameters);
	await kept.forget(ref, write);
	return answer(200, { partition, region, key: write.key, forgotten: true });
}

export const LOST_WRITE_ROUTES: readonly Route[] = [
	{ method: "GET", pattern: "partitions/:partition/lost", handle: listLost },
	{ method: "GET", pattern: "partitions/:partition/lost/:key", handle: showLost },
	{ method: "DELETE", pattern: "partitions/:partition/lost/:key", handle: forgetLost },
];
