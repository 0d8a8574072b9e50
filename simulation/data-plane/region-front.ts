import type { RegionId } from "#domain/geography/region-id.ts";
import { DATA_PLANE_TIMEOUT_SECONDS } from "#domain/migration/settings.ts";
import type { Clock } from "#domain/ports/clock.ts";
import type { FeedReports } from "#domain/ports/feed-reports.ts";
import type { ForwardedAnswer, ForwardedRequest } from "#domain/ports/forward.ts";
import type { MetadataStore } from "#domain/ports/metadata-store.ts";
import type { RegionalStore } from "#domain/ports/regional-store.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { openAccess } from "#lambdas/serve-data/access.ts";
import { oneCursorKey } from "#lambdas/serve-data/cursor-keys.ts";
import { createDataPlane } from "#lambdas/serve-data/data-plane.ts";
import { FenceBook } from "#lambdas/serve-data/fence-book.ts";
import type { Draws } from "#simulation/draws.ts";
import { MAX_STRAGGLE_MS } from "#simulation/scenario.ts";
import { RemoteStore, type StoreWatch } from "#simulation/stores/remote-store.ts";
import { Caller } from "#simulation/world/caller.ts";
import { InvocationLost, Life } from "#simulation/world/life.ts";
import type { Surroundings } from "#simulation/world/surroundings.ts";
import { functionUrlEvent, type PlainRequest } from "./function-url-event.ts";

/** What a caller gets back; undefined when the invocation ended without an answer. */
export type PlainAnswer = ForwardedAnswer;

export interface FrontParts {
	readonly world: Surroundings;
	readonly region: RegionId;
	readonly table: RegionalStore;
	readonly metadata: (current: { readonly caller: Caller }) => MetadataStore;
	readonly feeds: FeedReports;
	readonly clock: Clock;
	readonly pageSize: number;
	readonly watch: StoreWatch;
	/** Draws of one request, whatever other requests draw. */
	readonly drawsOf: (request: PlainRequest) => Draws;
	readonly front: (region: RegionId) => RegionFront;
	/** Told of a copy that was ahead of its leader. */
	readonly diverged: () => void;
	/** Told of what the data plane logs as its own defect. */
	readonly failed: (message: string) => void;
}

/** The same in every region, as a deployment's is. */
const CURSOR_KEY = new Uint8Array(32);

const TIMEOUT_MS = DATA_PLANE_TIMEOUT_SECONDS * 1000;
/** As the real forward gives up. */
const FORWARD_TIMEOUT_MS = 7_000;

interface Invocation {
	readonly caller: Caller;
	readonly life: Life;
	readonly draws: Draws;
}

/** One instance of the function: it serves one request at a time and remembers fences between them. */
interface Sandbox {
	/** What it works on, or has worked on last. */
	now: Invocation;
	busy: boolean;
	readonly handler: ReturnType<typeof createDataPlane>;
}

/** The production data plane of one region behind its function URL: as many sandboxes as there are requests at once. */
export class RegionFront {
	readonly #parts: FrontParts;
	readonly #sandboxes = new Set<Sandbox>();
	#ids = 0;

	constructor(parts: FrontParts) {
		this.#parts = parts;
	}

	/** The answer; undefined when the invocation ran into its hard timeout. */
	async invoke(request: PlainRequest): Promise<PlainAnswer | undefined> {
		const { time } = this.#parts.world;
		const now = this.#invocationOf(request);
		const { life } = now;
		const sandbox = this.#freeSandbox(now);
		sandbox.busy = true;
		sandbox.now = now;
		void time.sleep(TIMEOUT_MS).then(() => life.timeOut());
		try {
			const result = await Promise.race([sandbox.handler(functionUrlEvent(request)), life.ended]);
			life.finish();
			sandbox.busy = false;
			return answerOf(result);
		} catch (error) {
			this.#sandboxes.delete(sandbox);
			if (error instanceof InvocationLost) return undefined;
			throw error;
		}
	}

	#invocationOf(request: PlainRequest): Invocation {
		const { world, region, drawsOf } = this.#parts;
		const life = new Life();
		const draws = drawsOf(request);
		const deadlineMs = world.time.nowMs + TIMEOUT_MS + MAX_STRAGGLE_MS;
		return { life, draws, caller: new Caller(world, { kind: "data", from: region, draws, life, deadlineMs }) };
	}

	#freeSandbox(now: Invocation): Sandbox {
		for (const sandbox of this.#sandboxes) if (!sandbox.busy) return sandbox;
		const made = this.#makeSandbox(now);
		this.#sandboxes.add(made);
		return made;
	}

	#makeSandbox(first: Invocation): Sandbox {
		const { region, table, feeds, metadata, clock, pageSize, watch, failed } = this.#parts;
		const current = {
			get caller() {
				return sandbox.now.caller;
			},
		};
		const store = new RemoteStore({ table, clock, pageSize, watch, current });
		const handler = createDataPlane({
			region,
			store,
			fences: new FenceBook(store, clock),
			reportDivergence: async () => this.#parts.diverged(),
			feeds: { read: (ref) => sandbox.now.caller.call(region, "readFeed", false, () => feeds.read(ref)) },
			metadata: metadata(current),
			access: openAccess,
			cursorKeys: oneCursorKey(CURSOR_KEY),
			forward: (to, request) => this.#forward(sandbox.now, to, request),
			clock,
			random: { next: () => 0.5, id: () => `sandbox-${region}-${++this.#ids}` },
			log: (line) => {
				if (line["code"] === "internal") failed(`${line["name"]}: ${line["message"]}`);
			},
		});
		const sandbox: Sandbox = { now: first, busy: false, handler };
		return sandbox;
	}

	async #forward({ life, draws }: Invocation, to: RegionId, request: ForwardedRequest): Promise<ForwardedAnswer> {
		const { world, region, front } = this.#parts;
		const { time, network } = world;
		const [outMs, backMs] = [network.transitMs(draws, region, to), network.transitMs(draws, region, to)];
		const exchange = async (): Promise<ForwardedAnswer | undefined> => {
			await time.sleep(outMs);
			if (!network.reaches(region, to)) return undefined;
			const answer = await front(to).invoke({ ...request, body: Buffer.from(request.body).toString("utf8") });
			await time.sleep(backMs);
			return network.reaches(region, to) ? answer : undefined;
		};
		const answer = await Promise.race([exchange(), time.sleep(FORWARD_TIMEOUT_MS).then(() => undefined)]);
		if (life.isDead) return new Promise(() => undefined);
		if (answer === undefined) throw new UnavailableError(`${to} did not answer ${region}`);
		return answer;
	}
}

function answerOf(result: Awaited<ReturnType<ReturnType<typeof createDataPlane>>>): PlainAnswer {
	const headers = Object.fromEntries(Object.entries(result.headers ?? {}).map(([name, value]) => [name, String(value)]));
	const body = Buffer.from(result.body ?? "", result.isBase64Encoded === true ? "base64" : "utf8");
	return { status: result.statusCode ?? 500, headers, body };
}
