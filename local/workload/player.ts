import type { RegionId } from "#domain/geography/region-id.ts";
import type { Activity } from "#local/clock/local-clock.ts";
import type { LocalCloud } from "#local/cloud.ts";
import type { HttpClient } from "#local/workload/http-client.ts";
import { Counter, judge } from "#local/workload/judge.ts";
import type { Ledger } from "#local/workload/ledger.ts";
import { bodyOf, digestOf, isRead, itemPath, type PlannedRequest, planRequests, viewerHeaders } from "#local/workload/planned-request.ts";
import { sendWithRetries } from "#local/workload/send-with-retries.ts";
import type { AccessRow } from "#replay/readers/access-row.ts";

/** What a player needs. */
export interface PlayerOptions {
	readonly cloud: Pick<LocalCloud, "clock" | "network" | "letTimePass">;
	readonly client: HttpClient;
	readonly ledger: Ledger;
	/** The whole workload from its beginning, in order of time; what the ledger has as done is passed over. */
	readonly rows: AsyncIterable<readonly AccessRow[]>;
	readonly seed: number;
	/** Whether the log's times are moved so that the first request played is due now: what the wall clock needs. */
	readonly shiftToNow?: boolean;
	/** Called once a run for each partition, after the first write that this run saw acknowledged. */
	readonly onFirstWrite?: (partition: string, activity: Activity) => Promise<void>;
}

/** Requests scheduled ahead of the clock. */
const AHEAD = 32;

/**
 * Turns rows into HTTP requests at the edge, each at its time on the cloud's clock. Requests for one key follow each other: a client
 * writes again when its last write is answered, so the ledger always knows which write came last.
 */
export class WorkloadPlayer {
	readonly #options: PlayerOptions;
	readonly #requests: AsyncGenerator<PlannedRequest>;
	readonly #open: Set<number>;
	readonly #scheduled = new Map<number, () => void>();
	/** Requests that wait for an earlier one for the same key, by partition and key. */
	readonly #lanes = new Map<string, PlannedRequest[]>();
	readonly #written = new Set<string>();
	readonly #done = Promise.withResolvers<"ended" | "stopped">();
	#toppingUp: Promise<void> | undefined;
	#inFlight = 0;
	#exhausted = false;
	#stopped = false;
	#shiftMs: number | undefined;
	#wallMark = performance.now();

	constructor(options: PlayerOptions) {
		this.#options = options;
		this.#requests = planRequests(options.rows, options.seed);
		this.#open = new Set(options.ledger.openRequests());
	}

	/** Plays to the end of the rows, or until `stop`. @throws what the rows throw. */
	async run(): Promise<"ended" | "stopped"> {
		const activity = this.#options.cloud.clock.begin("workload start");
		try {
			await this.#topUp();
		} catch (error) {
			this.#fail(error);
		} finally {
			activity.end();
			this.#options.cloud.letTimePass();
		}
		this.#checkDone();
		return this.#done.promise;
	}

	/** Begins no further request; `run` resolves when those under way are answered. */
	stop(): void {
		this.#stopped = true;
		for (const cancel of this.#scheduled.values()) cancel();
		this.#scheduled.clear();
		void this.#requests.return(undefined);
		this.#checkDone();
	}

	/** Time must not pass the next request before it is scheduled: called by every request before anything that sleeps. */
	#topUp(): Promise<void> {
		this.#toppingUp ??= this.#fill().finally(() => {
			this.#toppingUp = undefined;
		});
		return this.#toppingUp;
	}

	async #fill(): Promise<void> {
		while (!this.#stopped && !this.#exhausted && this.#scheduled.size < AHEAD) {
			const { value: request, done } = await this.#requests.next();
			if (done === true) this.#exhausted = true;
			else if (request.index >= this.#options.ledger.next || this.#open.has(request.index)) this.#schedule(request);
		}
	}

	#schedule(request: PlannedRequest): void {
		if (this.#stopped) return;
		const { clock } = this.#options.cloud;
		this.#shiftMs ??= this.#options.shiftToNow === true ? clock.nowMs() - request.atMs : 0;
		const cancel = clock.at(request.atMs + this.#shiftMs, `request ${request.index}`, (activity) => this.#fire(request, activity));
		this.#scheduled.set(request.index, cancel);
	}

	async #fire(request: PlannedRequest, activity: Activity): Promise<void> {
		this.#inFlight += 1;
		try {
			this.#scheduled.delete(request.index);
			this.#options.ledger.begin(request.index);
			await this.#topUp();
			await this.#performInLane(request, activity);
		} catch (error) {
			this.#fail(error);
		} finally {
			this.#inFlight -= 1;
			this.#checkDone();
		}
	}

	async #performInLane(request: PlannedRequest, activity: Activity): Promise<void> {
		const name = `${request.row.partition}/${request.key}`;
		const lane = this.#lanes.get(name);
		// Waiting here would keep the time still in which the earlier request may be asleep: it takes this one along instead.
		if (lane !== undefined) return void lane.push(request);
		const waiting: PlannedRequest[] = [];
		this.#lanes.set(name, waiting);
		for (let next: PlannedRequest | undefined = request; next !== undefined; next = waiting.shift()) await this.#perform(next, activity);
		this.#lanes.delete(name);
	}

	async #perform(request: PlannedRequest, activity: Activity): Promise<void> {
		const { client, cloud, ledger, seed } = this.#options;
		const { row, key } = request;
		const reads = isRead(request);
		const body = reads ? undefined : bodyOf(request, seed);
		const candidates = reads ? ledger.candidates(row.partition, key) : [];
		if (body !== undefined)
			ledger.intend({ partition: row.partition, key, request: request.index, digest: digestOf(body), region: row.region });
		const home = ledger.firstRegionOf(row.partition);
		if (!reads && home === undefined) ledger.recordFirstWrite(row.partition, row.region);
		const startMs = cloud.clock.nowMs();
		const headers = { ...viewerHeaders(request), ...(reads ? {} : { "content-type": "application/json" }) };
		const call = { method: reads ? "GET" : "PUT", path: itemPath(row.partition, key), headers, ...(body === undefined ? {} : { body }) };
		const delivery = await sendWithRetries(client, activity, call);
		const elapsedMs = cloud.clock.nowMs() - startMs;
		const rttMs = (from: RegionId, to: RegionId): number => cloud.network.rttMs(from, to);
		const verdict = judge({ request, delivery, candidates, staticRegion: home as RegionId | undefined, rttMs, elapsedMs });
		const counts = new Map(verdict.counts).set(Counter.WallMs, this.#wallMs());
		const write = reads ? undefined : { partition: row.partition, key, fate: verdict.fate };
		ledger.finish({ request: request.index, counts, write, sample: verdict.sample });
		if (!reads && verdict.fate === "acknowledged") await this.#noteWritten(row.partition, activity);
	}

	async #noteWritten(partition: string, activity: Activity): Promise<void> {
		const { onFirstWrite } = this.#options;
		if (onFirstWrite === undefined || this.#written.has(partition)) return;
		this.#written.add(partition);
		await onFirstWrite(partition, activity);
	}

	/** Wall ms since the last call. */
	#wallMs(): number {
		const now = performance.now();
		const sinceMs = now - this.#wallMark;
		this.#wallMark = now;
		return sinceMs;
	}

	#fail(error: unknown): void {
		this.#done.reject(error);
		this.stop();
	}

	#checkDone(): void {
		if (this.#inFlight > 0 || this.#scheduled.size > 0 || this.#toppingUp !== undefined) return;
		if (this.#stopped) this.#done.resolve("stopped");
		else if (this.#exhausted) this.#done.resolve("ended");
	}
}
