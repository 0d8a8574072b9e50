import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import { parseExchange } from "#domain/partition-state/exchange.ts";
import { compacted, type PartitionWindow } from "#domain/partition-state/window.ts";
import type { AccessCounts } from "#domain/ports/access-counts.ts";
import type { Clock } from "#domain/ports/clock.ts";
import type { PartitionStates, TelemetryWindow } from "#domain/ports/partition-states.ts";
import { type AccessReader, type LogFields, parseAccess, SkipReason } from "#domain/prediction/access-record.ts";
import { hourOf } from "#domain/prediction/hours.ts";
import {
	EMPTY_WINDOW,
	nearnessOf,
	statesOf,
	totalsOf,
	WindowCounter,
	type WindowCounts,
	type WindowTotal,
	windowCountsSchema,
} from "#domain/prediction/window-counts.ts";
import { REAL_TIME_LOG_FIELDS } from "#infra/description/event-sources.ts";
import { type WindowEvent, windowEventSchema } from "#lambdas/count-accesses/event.ts";
import type { LastServed } from "#lambdas/count-accesses/last-served.ts";

export interface CountWindowDeps extends AccessReader {
	readonly counts: AccessCounts;
	readonly states: Pick<PartitionStates, "write">;
	/** Who served each partition when this instance last looked. */
	readonly lastServed: LastServed;
	readonly clock: Clock;
	readonly log: (message: string, fields: Readonly<Record<string, unknown>>) => void;
	/** Adds to a metric of the invocation. */
	readonly count: (metric: CountedMetric, value: number) => void;
	readonly controlRegion: RegionId;
	readonly rttMs: (from: RegionId, to: RegionId) => number;
}

export type CountedMetric =
	| "AccessesCounted"
	| "LateAccesses"
	| "RecordsSkipped"
	| "RequestsServed"
	| "RequestsServedNear"
	| "RoundTripSavedMs";

/** What the Lambda service passes on to the window's next call. */
export interface WindowAnswer {
	readonly state: WindowCounts | Record<string, never>;
	readonly batchItemFailures: readonly [];
}

/**
 * Counts one batch into its window's state; the window's last call writes the totals and every partition's state. A partition that more
 * than one region serves is shifting, and somebody waits for its state: that is written with every batch.
 */
export async function countWindow(deps: CountWindowDeps, rawEvent: unknown): Promise<WindowAnswer> {
	const event = windowEventSchema.parse(rawEvent);
	const { counted, touched } = countBatch(deps, event);
	const isLast = event.isFinalInvokeForWindow || event.isWindowTerminatedEarly || event.window === undefined;
	if (!isLast) {
		const shifting = new Map(
			[...statesOf(counted)].filter(([partition, window]) => touched.has(partition) && isShifting(deps, partition, window)),
		);
		if (shifting.size > 0) await deps.states.write(telemetryWindow(deps, event, counted, shifting));
		return { state: counted, batchItemFailures: [] };
	}
	await writeWindow(deps, event, counted);
	return { state: {}, batchItemFailures: [] };
}

interface Batch {
	readonly counted: WindowCounts;
	/** The partitions of this batch. */
	readonly touched: ReadonlySet<PartitionId>;
}

function countBatch({ locate, partitionOf, clock }: CountWindowDeps, event: WindowEvent): Batch {
	const before = windowCountsSchema.safeParse(event.state);
	const counter = new WindowCounter(before.success ? before.data : EMPTY_WINDOW);
	const touched = new Set<PartitionId>();
	for (const { kinesis } of event.Records) {
		counter.saw(kinesis.sequenceNumber);
		const fields = logFields(Buffer.from(kinesis.data, "base64").toString("utf8"));
		const parsed =
			fields === undefined
				? ({ kind: "skipped", reason: SkipReason.BadLine } as const)
				: parseAccess(fields, { locate, partitionOf }, clock.nowMs());
		const access = parsed.kind === "access" ? parsed.access : undefined;
		const exchange = fields === undefined ? undefined : parseExchange(fields, partitionOf);
		if (parsed.kind === "skipped") counter.skip(parsed.reason);
		const requestId = access?.requestId ?? exchange?.requestId;
		if (requestId === undefined || !counter.isFirst(requestId)) continue;
		if (access !== undefined) counter.add(access);
		if (exchange === undefined) continue;
		counter.addExchange(exchange, access?.region);
		touched.add(exchange.partition);
	}
	return { counted: counter.state(), touched };
}

function logFields(line: string): LogFields | undefined {
	const values = line.replace(/\r?\n$/, "").split("\t");
	if (values.length !== REAL_TIME_LOG_FIELDS.length) return undefined;
	return Object.fromEntries(REAL_TIME_LOG_FIELDS.map((name, index) => [name, values[index]]));
}

const isShifting = ({ lastServed }: CountWindowDeps, partition: PartitionId, window: PartitionWindow): boolean =>
	lastServed.isShifting(partition, window);

async function writeWindow(deps: CountWindowDeps, event: WindowEvent, counted: WindowCounts): Promise<void> {
	const { counts, states, lastServed, clock } = deps;
	const partitions = new Map(
		[...statesOf(counted)].map(([partition, window]) => [partition, isShifting(deps, partition, window) ? window : compacted(window)]),
	);
	const totals = totalsOf(counted);
	report(deps, event, counted, totals);
	const window = partitions.size === 0 ? undefined : telemetryWindow(deps, event, counted, partitions);
	// a window may end early and go on under the same start: its first record tells the parts from each other
	if (totals.length > 0)
		await counts.addOnce(`${event.shardId}#${event.window?.start ?? "-"}#${counted.firstSequence}`, totals, clock.nowMs(), window);
	else if (window !== undefined) await states.write(window);
	for (const [partition, seen] of partitions) lastServed.remember(partition, seen);
}

/** An access is late when its hour was over before the window began: it is counted in its own hour all the same. */
function report(
	{ log, count, controlRegion, rttMs }: CountWindowDeps,
	{ window }: WindowEvent,
	counted: WindowCounts,
	totals: readonly WindowTotal[],
): void {
	const { skipped } = counted;
	const { served, near, savedMs } = nearnessOf(counted, controlRegion, (from, to) => rttMs(regionId(from), regionId(to)));
	count("RequestsServed", served);
	count("RequestsServedNear", near);
	count("RoundTripSavedMs", savedMs);
	const sum = (some: readonly WindowTotal[]): number => some.reduce((accesses, total) => accesses + total.count, 0);
	const windowHour = window === undefined ? undefined : hourOf(Date.parse(window.start));
	count("AccessesCounted", sum(totals));
	count("LateAccesses", sum(totals.filter(({ hour }) => windowHour !== undefined && hour < windowHour)));
	count(
		"RecordsSkipped",
		Object.values(skipped).reduce((records, some) => records + some, 0),
	);
	if (Object.keys(skipped).length > 0) log("records that are no access", { window, skipped });
}

/** Identified by what a repetition has in common with the first try. */
function telemetryWindow(
	{ clock }: CountWindowDeps,
	{ shardId, window }: WindowEvent,
	{ firstSequence = "-" }: WindowCounts,
	partitions: TelemetryWindow["partitions"],
): TelemetryWindow {
	const slices = [...partitions.values()].flatMap((one) => Object.keys(one.slices).map(Number));
	const startMs = window === undefined ? Math.min(clock.nowMs(), ...slices) : Date.parse(window.start);
	return { id: `${shardId}#${firstSequence}`, startMs, partitions };
}
