import type { RegionId } from "#domain/geography/region-id.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";
import type { CopyEvent } from "#domain/ports/migration-store.ts";

/** A time during which a region may have held a copy: never shorter than it did. */
export interface CopySpan {
	readonly region: RegionId;
	readonly fromMs: number;
	/** Absent: it is there now. */
	readonly toMs?: number;
	/** What made it; absent for a copy that is as old as the partition. */
	readonly because?: string;
	/** What ended it. */
	readonly endedBy?: string;
}

/**
 * Where every copy of a partition was and when, oldest first: the audit of its copies together with the record. A region that no event
 * begins held its copy from the partition's creation on.
 */
export function copyHistory(
	record: Pick<PartitionRecord, "leader" | "followers" | "lost" | "createdAtMs">,
	events: readonly CopyEvent[],
): readonly CopySpan[] {
	const present = new Set([record.leader, ...record.followers, ...(record.lost ?? []).map(({ region }) => region)]);
	const regions = new Set([...present, ...events.map(({ region }) => region)]);
	const spans = [...regions].flatMap((region) => spansOf(region, record.createdAtMs, events, present.has(region)));
	return spans.sort((a, b) => a.fromMs - b.fromMs || (a.region < b.region ? -1 : 1));
}

function spansOf(region: RegionId, createdAtMs: number, events: readonly CopyEvent[], isPresent: boolean): readonly CopySpan[] {
	const own = events.filter((event) => event.region === region);
	const left = inTime(own);
	const spans: CopySpan[] = [];
	const [first] = left;
	const isAsOldAsThePartition =
		first === undefined ? isPresent : !own.some(({ event, cause }) => event === "begins" && cause === first.cause);
	let open: CopySpan | undefined = isAsOldAsThePartition ? { region, fromMs: createdAtMs } : undefined;
	for (let next = takeNext(left, open !== undefined); next !== undefined; next = takeNext(left, open !== undefined)) {
		const { event, cause, atMs } = next;
		if (event === "begins") open ??= { region, fromMs: atMs, because: cause };
		else if (open !== undefined) {
			spans.push({ ...open, toMs: Math.max(atMs, open.fromMs), endedBy: cause });
			open = undefined;
		}
	}
	// A copy that is on its way is not in the record yet, and counts.
	if (open !== undefined) spans.push(open);
	else if (isPresent) spans.push({ region, fromMs: spans.at(-1)?.toMs ?? createdAtMs });
	return spans;
}

/** By time; what one cause has ended it had begun before, whatever a clock or a late executor says. */
function inTime(events: readonly CopyEvent[]): CopyEvent[] {
	const endOf = new Map(events.filter(({ event }) => event === "ended").map(({ cause, atMs }) => [cause, atMs]));
	const at = ({ event, cause, atMs }: CopyEvent): number => (event === "begins" ? Math.min(atMs, endOf.get(cause) ?? atMs) : atMs);
	return events.map((event) => ({ ...event, atMs: at(event) })).sort((a, b) => a.atMs - b.atMs);
}

/** Of the events of one instant, one that fits what is there: a copy ends before the next begins. */
function takeNext(events: CopyEvent[], isThere: boolean): CopyEvent | undefined {
	const [first] = events;
	const fitting = events.findIndex(({ atMs, event }) => atMs === first?.atMs && (event === "ended") === isThere);
	return events.splice(Math.max(fitting, 0), 1)[0];
}
