import type { RegionId } from "#domain/geography/region-id.ts";
import type { RttMs } from "#local/network/virtual-network.ts";
import { type HttpAnswer, headerOf, numberHeaderOf } from "#local/workload/http-client.ts";
import type { WriteEntry } from "#local/workload/ledger.ts";
import { digestOf, isRead, type PlannedRequest } from "#local/workload/planned-request.ts";
import type { Delivery } from "#local/workload/send-with-retries.ts";

/** Names of the workload's durable counters; `served:`, `status:` and `rtt:` take a region, a status and whole ms. */
export const Counter = {
	Rows: "rows",
	Requests: "requests",
	Errors: "errors",
	Retries: "retries",
	WrongReads: "wrongReads",
	Truncated: "countTruncated",
	/** Answers that name who served them. */
	Placed: "placed",
	ServedNear: "servedNear",
	ServedByLeader: "servedByLeader",
	RttMs: "rttMs",
	Measured: "measured",
	StaticRttMs: "staticRttMs",
	StaticMeasured: "staticMeasured",
	ElapsedMs: "elapsedMs",
	WallMs: "wallMs",
} as const;

/** A request with what is needed to judge what came of it. */
export interface Trial {
	readonly request: PlannedRequest;
	readonly delivery: Delivery;
	/** What a read may find; empty for a write. */
	readonly candidates: readonly WriteEntry[];
	/** Where static placement would have served it; undefined while the partition was not written: creating it costs the same either way. */
	readonly staticRegion: RegionId | undefined;
	readonly rttMs: RttMs;
	/** From the first try to the answer, in the clock's time. */
	readonly elapsedMs: number;
}

/** What came of a request: what to count, and a line for the report where it went wrong. */
export interface Judgement {
	readonly counts: ReadonlyMap<string, number>;
	readonly fate: "acknowledged" | "refused" | "unknown";
	readonly sample: { readonly kind: string; readonly text: string } | undefined;
}

/**
 * An answer of the leader itself costs no more than the way to it; a forward adds at least a hop. Creating a partition costs more
 * without any forward: the control region decides who creates it.
 */
const DIRECT_TOLERANCE_MS = 0.5;

/** Judges one request. Pure. */
export function judge(trial: Trial): Judgement {
	const { request, delivery } = trial;
	const counts = new Map<string, number>([[Counter.Requests, 1]]);
	if (request.repeat === 0) counts.set(Counter.Rows, 1);
	if (request.truncated > 0) counts.set(Counter.Truncated, request.truncated);
	if (delivery.retries > 0) counts.set(Counter.Retries, delivery.retries);
	if (delivery.kind === "lost") return failed(counts, "unknown", `${describe(request)}: no answer: ${delivery.reason}`);
	const { answer } = delivery;
	counts.set(`status:${answer.status}`, 1);
	if (!isExpected(request, answer.status)) {
		// An earlier try may have been carried out before its answer was lost.
		const fate = answer.status >= 400 && answer.status < 500 && delivery.retries === 0 ? "refused" : "unknown";
		return failed(counts, fate, `${describe(request)}: ${answer.status} ${answer.body.toString("utf8", 0, 200)}`);
	}
	measure(trial, answer, delivery.networkMs, counts);
	const wrong = isRead(request) && !isAdmissible(answer, trial.candidates);
	if (wrong) counts.set(Counter.WrongReads, 1);
	const sample = wrong ? { kind: "wrong-read", text: `${describe(request)}: ${answer.status}, not what was last acknowledged` } : undefined;
	return { counts, fate: "acknowledged", sample };
}

/** Whether an answer to a read is what was last acknowledged, or a write of unknown fate. Nothing acknowledged: nothing may be there either. */
export function isAdmissible(answer: HttpAnswer, candidates: readonly WriteEntry[]): boolean {
	if (answer.status === 404) return !candidates.some((candidate) => candidate.acknowledged);
	const digest = digestOf(answer.body);
	return candidates.some((candidate) => candidate.digest === digest);
}

function measure(
	{ request, staticRegion, rttMs, elapsedMs }: Trial,
	answer: HttpAnswer,
	networkMs: number,
	counts: Map<string, number>,
): void {
	const viewer = request.row.region;
	counts.set(Counter.ElapsedMs, elapsedMs);
	const staticMs = staticRegion === undefined ? networkMs : rttMs(viewer, staticRegion);
	if (Number.isFinite(staticMs)) counts.set(Counter.StaticMeasured, 1).set(Counter.StaticRttMs, staticMs);
	if (numberHeaderOf(answer, "x-local-network-ms") !== undefined) {
		counts
			.set(Counter.Measured, 1)
			.set(Counter.RttMs, networkMs)
			.set(`rtt:${Math.round(networkMs)}`, 1);
	}
	const served = headerOf(answer, "x-heliotrope-region");
	if (served === undefined) return;
	counts.set(Counter.Placed, 1).set(`served:${served}`, 1);
	if (served === viewer) counts.set(Counter.ServedNear, 1);
	const leader = headerOf(answer, "x-heliotrope-replicas")?.split(",")[0]?.trim() ?? served;
	const isDirect = staticRegion === undefined || networkMs <= rttMs(viewer, served as RegionId) + DIRECT_TOLERANCE_MS;
	if (served === leader && isDirect) counts.set(Counter.ServedByLeader, 1);
}

const isExpected = (request: PlannedRequest, status: number): boolean =>
	isRead(request) ? status === 200 || status === 404 : status === 200 || status === 201;

function failed(counts: Map<string, number>, fate: Judgement["fate"], text: string): Judgement {
	counts.set(Counter.Errors, 1);
	return { counts, fate, sample: { kind: "error", text } };
}

const describe = ({ row, key, index }: PlannedRequest): string =>
	`request ${index} (line ${row.line}) ${row.op ?? "write"} ${row.partition}/${key} from ${row.region}`;
