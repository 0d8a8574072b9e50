import type { APIGatewayProxyStructuredResultV2, Context, LambdaFunctionURLEvent } from "aws-lambda";
import { createRegionalStore } from "#adapters/dynamodb/dynamodb-regional-store.ts";
import { createMetadataStore } from "#adapters/dynamodb/metadata-store.ts";
import { createMigrationStore } from "#adapters/dynamodb/migration-store.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import { moveActions } from "#domain/migration/request.ts";
import { MIGRATION_SETTINGS } from "#domain/migration/settings.ts";
import type { StageDeps } from "#domain/migration/stage-context.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { Forward } from "#domain/ports/forward.ts";
import type { RegionalStore } from "#domain/ports/regional-store.ts";
import { createNotes } from "#examples/notes/handler.ts";
import type { GuardedContext, Stale } from "#guard/index.ts";
import { openAccess } from "#lambdas/serve-data/access.ts";
import { oneCursorKey } from "#lambdas/serve-data/cursor-keys.ts";
import type { DataPlaneDeps } from "#lambdas/serve-data/deps.ts";
import { FenceBook } from "#lambdas/serve-data/fence-book.ts";
import { execute } from "#simulation/engine/state-machine.ts";
import { functionUrlEvent } from "#test/__helpers__/data-plane-world.ts";
import { startEngine, type TestEngine } from "#test/__helpers__/engine.ts";
import { createMigrationsTable } from "#test/__helpers__/migrations-table.ts";
import { A, B } from "#test/simulation/migration/migration-world.ts";
import { requestFor } from "#test/simulation/migration/scenarios.ts";
import { Gate } from "./gate.ts";

export type Notes = (event: LambdaFunctionURLEvent, context: GuardedContext) => Promise<APIGatewayProxyStructuredResultV2>;

export interface NotesAnswer {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Uint8Array;
	readonly text: string;
}

/** The notes application in two regions over one real engine, with the migration engine beside it. */
export class NotesWorld {
	readonly gate = new Gate();
	readonly accesses: string[] = [];
	/** `from -> to` of whole requests that were forwarded. */
	readonly forwarded: string[] = [];
	readonly handlers = new Map<RegionId, Notes>();
	readonly #engine: TestEngine;
	readonly #deps = new Map<RegionId, DataPlaneDeps>();
	readonly #stages: StageDeps;
	#migrations = 0;
	#ids = 0;

	private constructor(engine: TestEngine, stale: Stale | undefined) {
		this.#engine = engine;
		const { clock } = this.gate;
		const metadata = createMetadataStore({ tableName: "metadata", region: A, controlRegion: A, clientFor: () => engine.client(), clock });
		const stores = new Map<RegionId, RegionalStore>();
		for (const region of [A, B]) {
			const store = createRegionalStore({ client: engine.client(), tableName: `data-${region}`, region, clock });
			stores.set(region, store);
			const deps: DataPlaneDeps = {
				region,
				store,
				fences: new FenceBook(store, clock),
				metadata,
				access: openAccess,
				cursorKeys: oneCursorKey(new Uint8Array(32)),
				forward: this.#http((to) => to, "/v1/"),
				clock,
				random: { next: () => 0.5, id: () => `id-${String(++this.#ids).padStart(8, "0")}` },
				log: () => undefined,
			};
			this.#deps.set(region, deps);
			const emit = (line: string): void => void this.accesses.push(line);
			const forward = this.#http((to) => {
				this.forwarded.push(`${region} -> ${to}`);
				return to;
			}, "/notes/");
			this.handlers.set(region, createNotes({ deps, emit, forward, ...(stale !== undefined && { stale }) }) as Notes);
		}
		const storeOf = (region: RegionId): RegionalStore => found(stores, region);
		const migrations = createMigrationStore({ tableName: "migrations", controlRegion: A, client: engine.client() });
		const waiting = { nowMs: () => clock.nowMs(), sleep: (ms: number) => this.gate.sleep(ms) };
		this.#stages = { stores: storeOf, metadata, migrations, clock: waiting, regions: [A, B], settings: MIGRATION_SETTINGS };
	}

	static async start(stale?: Stale): Promise<NotesWorld> {
		const engine = await startEngine();
		for (const table of [`data-${A}`, `data-${B}`, "metadata"]) await engine.createTable(table);
		await createMigrationsTable(engine.client());
		return new NotesWorld(engine, stale);
	}

	/** A request to the application in one region. */
	request(region: RegionId, method: string, path: string, body = "", headers: Record<string, string> = {}): Promise<NotesAnswer> {
		return this.gate.pass(() => this.#invoke(region, method, path, headers, body));
	}

	/** Moves the notes of `owner` for good, stage by stage, as the state machine does. */
	async move(owner: string, from: RegionId, to: RegionId): Promise<unknown> {
		const partition = partitionId(`notes:${owner}`);
		const epoch = (await this.#stages.metadata.readControl(partition))?.epoch ?? 0;
		const migrationId = `move-${++this.#migrations}`;
		const plan = { ...requestFor({ actions: moveActions(from, to) }), soakSeconds: 20, canary: [{ weight: 0.5, holdSeconds: 5 }] };
		const request = { ...plan, partition, migrationId, epoch };
		await execute({ deps: this.#stages, request, sleep: (ms) => this.gate.sleep(ms) });
		return this.#stages.migrations.read(migrationId);
	}

	async leaderOf(owner: string): Promise<RegionId | undefined> {
		return (await this.#stages.metadata.readControl(partitionId(`notes:${owner}`)))?.leader;
	}

	/** What data plane and application of one region work with. */
	depsOf(region: RegionId): DataPlaneDeps {
		return found(this.#deps, region);
	}

	stop(): Promise<void> {
		return this.#engine.stop();
	}

	async #invoke(
		region: RegionId,
		method: string,
		target: string,
		headers: Record<string, string>,
		body: string | Uint8Array,
	): Promise<NotesAnswer> {
		const [path = "", query = ""] = target.split("?");
		const event = {
			...functionUrlEvent(method, path, query, headers, body),
			queryStringParameters: Object.fromEntries(new URLSearchParams(query)),
		};
		const context = { getRemainingTimeInMillis: () => 10_000 } as Context as GuardedContext;
		const result = await found(this.handlers, region)(event, context);
		const bytes = Buffer.from(result.body ?? "", result.isBase64Encoded === true ? "base64" : "utf8");
		return {
			status: result.statusCode ?? 0,
			headers: Object.fromEntries(Object.entries(result.headers ?? {}).map(([name, value]) => [name, String(value)])),
			body: bytes,
			text: bytes.toString("utf8"),
		};
	}

	/** What would be signed HTTP between regions. */
	#http(note: (to: RegionId) => RegionId, prefix: string): Forward {
		return async (to, { method, target, headers, body }) => {
			if (!target.startsWith(prefix)) throw new Error(`${target} is not sent here`);
			return this.#invoke(note(to), method, target, { ...headers }, body);
		};
	}
}

function found<K, V>(map: ReadonlyMap<K, V>, key: K): V {
	const value = map.get(key);
	if (value === undefined) throw new Error(`no ${String(key)}`);
	return value;
}
