import { Buffer } from "node:buffer";
import type { ItemWrite, StoredItem } from "#domain/partition/item.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import type { Page } from "#domain/ports/regional-store.ts";
import { Admission } from "#lambdas/serve-data/admission.ts";
import { createDataPlane } from "#lambdas/serve-data/data-plane.ts";
import { FenceBook } from "#lambdas/serve-data/fence-book.ts";
import { MemoryRegionalStore } from "#simulation/stores/memory-regional-store.ts";
import { DataPlaneWorld, EU, functionUrlEvent, P } from "#test/__helpers__/data-plane-world.ts";

/**
 * Run by admission-memory.test.ts in a process of its own (`--expose-gc`): holds requests of one shape after the other under way at the store, each
 * with what the adapter has in its hands by then (the request's or the answer's JSON, and the items it was made of or became). Prints
 * `{shape: {countedBytes, grownBytes}}`: what admission counted, and by how much the process has grown.
 */
const KIB = 1024;
const REQUESTS = 8;

/** As DynamoDB writes a body. */
const wireOf = (body: Uint8Array): Buffer => Buffer.from(JSON.stringify({ Item: { body: { B: Buffer.from(body).toString("base64") } } }));
const itemOf = (key: string, sizeBytes: number): { readonly wire: Buffer; readonly item: StoredItem } => {
	const wire = wireOf(Buffer.alloc(sizeBytes, 1));
	const body = Buffer.from(JSON.parse(wire.toString("utf8")).Item.body.B, "base64");
	return {
		wire,
		item: { key, version: { epoch: 1, n: 1 }, body, contentType: "", deleted: false, requestId: "r", writtenAtMs: 0 } as StoredItem,
	};
};

/** Every operation stops where it holds most, and goes on when the process ends. */
class HoldingStore extends MemoryRegionalStore {
	readonly held: unknown[] = [];
	#pending = 0;
	readonly allHeld = Promise.withResolvers<void>();

	override writeSteady(_: BucketRef, write: ItemWrite): Promise<never> {
		return this.#hold([write, wireOf(write.content?.body ?? Buffer.alloc(0))]);
	}

	override readItem(_: BucketRef, key: string): Promise<never> {
		return this.#hold([itemOf(key, 256 * KIB)]);
	}

	override listItems(ref: BucketRef): Promise<Page<StoredItem>> {
		return this.#hold(
			[0, 1, 2, 3].map((index) => itemOf(`${ref.bucket}-${index}`, 256 * KIB)),
			2,
		);
	}

	#hold(what: unknown, callsARequest = 1): Promise<never> {
		this.held.push(what);
		this.#pending += 1;
		if (this.#pending === REQUESTS * callsARequest) this.allHeld.resolve();
		return new Promise(() => undefined);
	}
}

const text = (sizeBytes: number): string => "x".repeat(sizeBytes);
const batchOf = (count: number, sizeBytes: number): string =>
	JSON.stringify({ operations: Array.from({ length: count }, (_, index) => ({ method: "PUT", key: `k${index}`, body: text(sizeBytes) })) });
const base = `/v1/partitions/${P}`;
const SHAPES: Readonly<Record<string, readonly [method: string, path: string, body: string]>> = {
	"small PUT": ["PUT", `${base}/items/k`, text(100)],
	"large PUT": ["PUT", `${base}/items/k`, text(256 * KIB)],
	"large GET": ["GET", `${base}/items/k`, ""],
	list: ["GET", `${base}/items`, ""],
	"batch of large PUTs": ["POST", `${base}/batch`, batchOf(16, 250 * KIB)],
	"batch of small PUTs": ["POST", `${base}/batch`, batchOf(25, 10)],
};

function usedBytes(): number {
	for (let round = 0; round < 3; round += 1) globalThis.gc?.();
	const { heapUsed, external } = process.memoryUsage();
	return heapUsed + external;
}

/** What is held stays held until the process ends. */
const kept: unknown[] = [];

async function measure([method, path, body]: readonly [method: string, path: string, body: string]) {
	const world = new DataPlaneWorld([EU]);
	const store = new HoldingStore(EU, world.clock);
	for (const bucket of [0, 1])
		await store.changeFences(P, [
			{ bucket, expect: "absent", next: { role: "leader", epoch: 1, mode: "steady", peers: [], leader: EU, buckets: 2 } },
		]);
	const admission = new Admission(Number.POSITIVE_INFINITY);
	const serve = createDataPlane({ ...world.depsOf(EU), store, fences: new FenceBook(store, world.clock), admission });
	const before = usedBytes();
	// the runtime holds an event while it is answered
	const events = Array.from({ length: REQUESTS }, () => functionUrlEvent(method, path, "", {}, Buffer.from(body)));
	for (const event of events) void serve(event);
	await store.allHeld.promise;
	const grownBytes = usedBytes() - before;
	kept.push(store.held, events);
	return { countedBytes: admission.heldBytes, grownBytes };
}

const measured: Record<string, unknown> = {};
for (const [shape, request] of Object.entries(SHAPES)) measured[shape] = await measure(request);
process.stdout.write(JSON.stringify(measured), () => process.exit(kept.length === 0 ? 1 : 0));
