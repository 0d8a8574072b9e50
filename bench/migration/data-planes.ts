import type { MigrationWorld } from "#bench/migration/world.ts";
import { REGIONS } from "#bench/migration/world.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { Forward } from "#domain/ports/forward.ts";
import { openAccess } from "#lambdas/serve-data/access.ts";
import { oneCursorKey } from "#lambdas/serve-data/cursor-keys.ts";
import { createDataPlane } from "#lambdas/serve-data/data-plane.ts";
import { FenceBook } from "#lambdas/serve-data/fence-book.ts";
import { functionUrlEvent } from "#local/edge/function-url-event.ts";

/** Puts an item by way of the data plane of a region; the region that leads, as the answer says it. */
export type PutItem = (region: RegionId, partition: string, key: string, body: string) => Promise<{ status: number; leader: RegionId }>;

type Handler = ReturnType<typeof createDataPlane>;

/** The data planes of both regions in this process, which forward to each other over the network. */
export function openDataPlanes(world: MigrationWorld): PutItem {
	const { clock } = world;
	let ids = 0;
	const random = { next: () => 0.5, id: () => `bench-request-${++ids}` };
	const handlers = new Map<RegionId, Handler>();
	for (const region of REGIONS) {
		const store = world.storesFrom(region)(region);
		const forward = forwardFrom(world, region, handlers);
		const shared = { region, store, fences: new FenceBook(store, clock), metadata: world.metadata, forward, clock, random };
		handlers.set(region, createDataPlane({ ...shared, access: openAccess, cursorKeys: oneCursorKey(new Uint8Array(32)), log: () => {} }));
	}
	return async (region, partition, key, body) => {
		const target = `/v1/partitions/${partition}/items/${key}`;
		const answer = await call(handlers, region, {
			method: "PUT",
			target,
			headers: { "content-type": "text/plain" },
			body: Buffer.from(body),
		});
		const [leader = region] = (answer.headers["x-heliotrope-replicas"] ?? "").split(",") as RegionId[];
		return { status: answer.status, leader };
	};
}

const forwardFrom =
	({ network, clock }: MigrationWorld, from: RegionId, handlers: ReadonlyMap<RegionId, Handler>): Forward =>
	async (to, request) => {
		const activity = clock.begin("forward");
		try {
			return await network.relay(activity, from, to, () => call(handlers, to, request));
		} finally {
			activity.end();
		}
	};

async function call(handlers: ReadonlyMap<RegionId, Handler>, region: RegionId, request: Parameters<Forward>[1]) {
	const handler = handlers.get(region);
	if (handler === undefined) throw new RangeError(`no data plane in ${region}`);
	const result = await handler(
		functionUrlEvent({
			method: request.method,
			target: request.target,
			rawHeaders: Object.entries(request.headers).flat(),
			sourceIp: "127.0.0.1",
			body: Buffer.from(request.body),
			domainName: "bench",
			requestId: "bench",
			nowMs: 0,
			accessKeyId: "bench",
		}),
	);
	const headers = Object.fromEntries(Object.entries(result.headers ?? {}).map(([name, value]) => [name, String(value)]));
	return {
		status: result.statusCode ?? 0,
		headers,
		body: Buffer.from(result.body ?? "", result.isBase64Encoded === true ? "base64" : "utf8"),
	};
}
