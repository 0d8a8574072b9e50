import type { AccessCounts } from "#domain/ports/access-counts.ts";
import type { Clock } from "#domain/ports/clock.ts";
import { type LocateViewer, type LogFields, parseAccess, SkipReason } from "#domain/prediction/access-record.ts";
import { EMPTY_WINDOW, totalsOf, WindowCounter, type WindowCounts, windowCountsSchema } from "#domain/prediction/window-counts.ts";
import { REAL_TIME_LOG_FIELDS } from "#infra/description/event-sources.ts";
import { type WindowEvent, windowEventSchema } from "#lambdas/count-accesses/event.ts";

export interface CountWindowDeps {
	readonly counts: AccessCounts;
	readonly locate: LocateViewer;
	readonly clock: Clock;
	readonly log: (line: string) => void;
}

/** What the Lambda service passes on to the window's next call. */
export interface WindowAnswer {
	readonly state: WindowCounts | Record<string, never>;
	readonly batchItemFailures: readonly [];
}

/** Counts one batch into its window's state; the window's last call writes the totals. */
export async function countWindow(deps: CountWindowDeps, rawEvent: unknown): Promise<WindowAnswer> {
	const event = windowEventSchema.parse(rawEvent);
	const counted = countBatch(deps, event);
	const isLast = event.isFinalInvokeForWindow || event.isWindowTerminatedEarly || event.window === undefined;
	if (!isLast) return { state: counted, batchItemFailures: [] };
	await writeWindow(deps, event, counted);
	return { state: {}, batchItemFailures: [] };
}

function countBatch({ locate, clock }: CountWindowDeps, event: WindowEvent): WindowCounts {
	const before = windowCountsSchema.safeParse(event.state);
	const counter = new WindowCounter(before.success ? before.data : EMPTY_WINDOW);
	for (const { kinesis } of event.Records) {
		counter.saw(kinesis.sequenceNumber);
		const fields = logFields(Buffer.from(kinesis.data, "base64").toString("utf8"));
		const parsed =
			fields === undefined ? ({ kind: "skipped", reason: SkipReason.BadLine } as const) : parseAccess(fields, locate, clock.nowMs());
		if (parsed.kind === "access") counter.add(parsed.access);
		else counter.skip(parsed.reason);
	}
	return counter.state();
}

function logFields(line: string): LogFields | undefined {
	const values = line.replace(/\r?\n$/, "").split("\t");
	if (values.length !== REAL_TIME_LOG_FIELDS.length) return undefined;
	return Object.fromEntries(REAL_TIME_LOG_FIELDS.map((name, index) => [name, values[index]]));
}

async function writeWindow({ counts, clock, log }: CountWindowDeps, event: WindowEvent, counted: WindowCounts): Promise<void> {
	const skipped = Object.entries(counted.skipped);
	if (skipped.length > 0) log(JSON.stringify({ message: "records that are no access", window: event.window, skipped: counted.skipped }));
	const totals = totalsOf(counted);
	// a window may end early and go on under the same start: its first record tells the parts from each other
	if (totals.length > 0)
		await counts.addOnce(`${event.shardId}#${event.window?.start ?? "-"}#${counted.firstSequence}`, totals, clock.nowMs());
}
