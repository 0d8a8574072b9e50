import type { APIGatewayProxyStructuredResultV2, LambdaFunctionURLEvent } from "aws-lambda";
import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import type { Fence } from "#domain/partition/fence.ts";
import { bucketsOf, partitionId } from "#domain/partition/partition-id.ts";
import type { Forward } from "#domain/ports/forward.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { type AccessControl, openAccess } from "#lambdas/serve-data/access.ts";
import { Admission } from "#lambdas/serve-data/admission.ts";
import { oneCursorKey } from "#lambdas/serve-data/cursor-keys.ts";
import { createDataPlane } from "#lambdas/serve-data/data-plane.ts";
import type { Invocation } from "#lambdas/serve-data/deadline.ts";
import type { DataPlaneDeps } from "#lambdas/serve-data/deps.ts";
import { FenceBook } from "#lambdas/serve-data/fence-book.ts";
import { MemoryFeedReports } from "#simulation/stores/memory-feed-reports.ts";
import { MemoryRegionalStore, type MemoryStoreHooks } from "#simulation/stores/memory-regional-store.ts";
import { ManualClock } from "./manual-clock.ts";
import { MemoryMetadata } from "./memory-metadata-store.ts";

export const EU = regionId("eu-west-1");
export const US = regionId("us-east-1");
export const AP = regionId("ap-northeast-1");
/** The deployment's key of cursors. */
export const CURSOR_KEY = new Uint8Array(32).fill(7);
export const P = partitionId("tenant:1");

/** A request as tests write it. */
export interface TestRequest {
	readonly headers?: Record<string, string>;
	readonly body?: string | Uint8Array;
	readonly query?: string;
}

export interface TestAnswer {
	readonly status: number;
	readonly headers: Record<string, string>;
	readonly text: string;
	readonly json: Record<string, unknown>;
}

type Handler = (event: LambdaFunctionURLEvent, invocation?: Invocation) => Promise<APIGatewayProxyStructuredResultV2>;

/** Several regions' data planes over memory, forwarding by calling each other. */
export class DataPlaneWorld {
	readonly clock = new ManualClock();
	readonly metadata = new MemoryMetadata();
	readonly stores = new Map<RegionId, MemoryRegionalStore>();
	readonly feeds = new Map<RegionId, MemoryFeedReports>();
	readonly unreachable = new Set<RegionId>();
	readonly logs: Readonly<Record<string, unknown>>[] = [];
	/** `from -> to` of every forward. */
	readonly forwards: string[] = [];
	/** Told of each request that is forwarded. */
	onForward: ((request: Parameters<Forward>[1]) => void) | undefined;
	/** Called before an operation of any store: where a test changes the world beneath a request. */
	before: MemoryStoreHooks["before"];
	/** Called after one: where a test loses its answer. */
	after: MemoryStoreHooks["after"];
	/** Gets what a data plane reports of a copy that was ahead of its leader. */
	onDivergence: (region: RegionId, partition: string) => Promise<void> = () => Promise.resolve();
	/** Who may do what: everybody everything, until a test says otherwise. */
	access: AccessControl = openAccess;
	/** What requests under way may hold, in every region together. */
	readonly admission = new Admission(64 * 1024 * 1024);
	readonly #handlers = new Map<RegionId, Handler>();
	readonly #deps = new Map<RegionId, DataPlaneDeps>();
	#ids = 0;

	/** @param residency the rules of the deployment for new partitions */
	constructor(regions: readonly RegionId[] = [EU, US, AP], residency: DataPlaneDeps["residency"] = () => undefined) {
		for (const region of regions) {
			const store = new MemoryRegionalStore(region, this.clock, {
				before: (operation, where) => this.before?.(operation, where),
				after: (operation, where) => this.after?.(operation, where),
			});
			this.stores.set(region, store);
			const feeds = new MemoryFeedReports();
			this.feeds.set(region, feeds);
			const deps: DataPlaneDeps = {
				region,
				store,
				fences: new FenceBook(store, this.clock),
				feeds,
				reportDivergence: (partition) => this.onDivergence(region, partition),
				metadata: this.metadata.store(),
				access: {
					authenticate: (headers) => this.access.authenticate(headers),
				},
				cursorKeys: oneCursorKey(CURSOR_KEY),
				admission: this.admission,
				residency,
				forward: (to, request) => this.#forward(region, to, request),
				clock: this.clock,
				random: { next: () => 0.5, id: () => `request-${String(++this.#ids).padStart(4, "0")}` },
				log: (line) => void this.logs.push(line),
			};
			this.#deps.set(region, deps);
			this.#handlers.set(region, createDataPlane(deps));
		}
	}

	/** Two regions: P is led in EU and followed in US. */
	static async followed(): Promise<DataPlaneWorld> {
		const world = new DataPlaneWorld([EU, US]);
		await world.fence(EU, { peers: [US] });
		await world.fence(US, { role: "follower", leader: EU });
		world.record({ followers: [US] });
		return world;
	}

	/** What the data plane of a region works with. */
	depsOf(region: RegionId): DataPlaneDeps {
		const deps = this.#deps.get(region);
		if (deps === undefined) throw new Error(`no ${region}`);
		return deps;
	}

	store(region: RegionId): MemoryRegionalStore {
		const store = this.stores.get(region);
		if (store === undefined) throw new Error(`no ${region}`);
		return store;
	}

	feed(region: RegionId): MemoryFeedReports {
		const feeds = this.feeds.get(region);
		if (feeds === undefined) throw new Error(`no ${region}`);
		return feeds;
	}

	/** Writes the fences of all buckets of P in one region, whatever is there. */
	async fence(region: RegionId, changes: Partial<Fence> | "delete"): Promise<void> {
		const buckets = changes === "delete" ? 2 : (changes.buckets ?? 2);
		const base = { role: "leader", epoch: 1, mode: "steady", peers: [], leader: region, buckets } as const;
		for (const { bucket } of bucketsOf(P, buckets)) {
			const next = changes === "delete" ? changes : { ...base, ...changes };
			const present = this.store(region).buckets.get(`${P}#${bucket}`)?.fence;
			await this.store(region).changeFences(P, [{ bucket, expect: present === undefined ? "absent" : {}, next }]);
		}
	}

	record(changes: Partial<import("#domain/partition/record.ts").PartitionRecord> = {}): void {
		const base = { partition: P, leader: EU, followers: [], epoch: 1, phase: "active", buckets: 2, version: 1 } as const;
		this.metadata.control.set(P, { ...base, createdAtMs: 0, updatedAtMs: 0, leaderSinceMs: 0, ...changes });
		this.metadata.replicate();
	}

	item(region: RegionId, method: string, key: string, request: TestRequest = {}): Promise<TestAnswer> {
		return this.call(region, method, `/v1/partitions/${P}/items/${encodeURIComponent(key)}`, request);
	}

	list(region: RegionId, query = ""): Promise<TestAnswer> {
		return this.call(region, "GET", `/v1/partitions/${P}/items`, { query });
	}

	batch(region: RegionId, operations: readonly unknown[]): Promise<TestAnswer> {
		return this.call(region, "POST", `/v1/partitions/${P}/batch`, { body: JSON.stringify({ operations }) });
	}

	call(region: RegionId, method: string, path: string, request: TestRequest = {}): Promise<TestAnswer> {
		return this.invoke(region, method, path, request);
	}

	/** A call with what Lambda tells of its invocation. */
	async invoke(
		region: RegionId,
		method: string,
		path: string,
		{ headers = {}, body = "", query = "" }: TestRequest,
		invocation?: Invocation,
	): Promise<TestAnswer> {
		const handler = this.#handlers.get(region);
		if (handler === undefined) throw new Error(`no ${region}`);
		const result = await handler(functionUrlEvent(method, path, query, headers, body), invocation);
		const bytes = Buffer.from(result.body ?? "", result.isBase64Encoded === true ? "base64" : "utf8");
		const text = bytes.toString("utf8");
		const isJson = String(result.headers?.["content-type"] ?? "").includes("json");
		return {
			status: result.statusCode ?? 0,
			headers: Object.fromEntries(Object.entries(result.headers ?? {}).map(([name, value]) => [name, String(value)])),
			text,
			json: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
		};
	}

	async #forward(from: RegionId, to: RegionId, request: Parameters<Forward>[1]): ReturnType<Forward> {
		this.forwards.push(`${from} -> ${to}`);
		this.onForward?.(request);
		if (this.unreachable.has(to) || this.unreachable.has(from)) throw new UnavailableError("cut");
		const [path = "", query = ""] = request.target.split("?");
		const answer = await this.call(to, request.method, path, { headers: { ...request.headers }, body: request.body, query });
		return { status: answer.status, headers: answer.headers, body: Buffer.from(answer.text) };
	}
}

/** An event as a function URL makes it (payload 2.0). */
export function functionUrlEvent(
	method: string,
	path: string,
	query: string,
	headers: Record<string, string>,
	body: string | Uint8Array,
): LambdaFunctionURLEvent {
	return {
		version: "2.0",
		routeKey: "$default",
		rawPath: path,
		rawQueryString: query,
		headers,
		requestContext: {
			accountId: "anonymous",
			apiId: "local",
			domainName: "local",
			domainPrefix: "local",
			http: { method, path, protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "test" },
			requestId: "id",
			routeKey: "$default",
			stage: "$default",
			time: "12/Mar/2026:19:03:58 +0000",
			timeEpoch: 0,
		},
		body: Buffer.from(body).toString("base64"),
		isBase64Encoded: true,
	} as LambdaFunctionURLEvent;
}
