import type { RegionId } from "#domain/geography/region-id.ts";
import { concernsPartition, type EventDeclaration } from "#domain/prediction/external/event.ts";
import type { ExternalFactor } from "#domain/prediction/external/tilt.ts";

/** The factor that an event is to the partitions it concerns. */
const factorOf = ({ name, start, end, lift, segments }: EventDeclaration): ExternalFactor => ({
	name,
	startMs: Date.parse(start),
	endMs: Date.parse(end),
	lift: new Map(Object.entries(lift) as [RegionId, number][]),
	...(segments === undefined ? {} : { segments: new Set(segments) }),
});

/** The events that concern a partition, as factors; made once a run, asked for every partition. */
export function eventFactors(events: readonly EventDeclaration[]): (partition: string) => readonly ExternalFactor[] {
	const factors = events.map((event) => ({ event, factor: factorOf(event) }));
	return (partition) => factors.filter(({ event }) => concernsPartition(event, partition)).map(({ factor }) => factor);
}
