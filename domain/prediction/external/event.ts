import * as z from "zod";
import { regionSchema } from "#domain/geography/region-schema.ts";

/** The largest factor: it makes a region that a forecast holds for impossible (1e-4) as likely as one that it is sure of. */
const MAX_LIFT = 10_000;
/** An event longer than this is how things are, and the counts will tell. */
const MAX_EVENT_DAYS = 60;
const DAY_MS = 86_400_000;
const MAX_NAMES = 100;

const PARTITION_PATTERN = /^(?:[A-Za-z0-9._~:-]{1,128}|[A-Za-z0-9._~:-]{0,127}\*)$/;

const eventFields = {
	/** What operators call it. */
	name: z.string().trim().min(1).max(128),
	/** ISO 8601; the event lasts from `start` until before `end`. */
	start: z.iso.datetime({ offset: true }),
	end: z.iso.datetime({ offset: true }),
	/** Region -> factor on the accesses from there while it lasts: 2 twice as many, 0 none. Other regions go on as usual. */
	lift: z
		.partialRecord(regionSchema, z.number().min(0).max(MAX_LIFT))
		.refine((lift) => Object.keys(lift).length > 0, 'names no region; give at least one, such as {"ap-northeast-1": 3}'),
	/** Partitions it concerns, a trailing `*` for every name that begins so. @default every partition */
	partitions: z
		.array(z.string().regex(PARTITION_PATTERN, "is no partition: 1 to 128 of A-Z a-z 0-9 . _ ~ : -, with or without a * at the end"))
		.min(1)
		.max(MAX_NAMES)
		.readonly()
		.optional(),
	/** User segments it concerns. @default every segment */
	segments: z.array(z.string().min(1).max(64)).min(1).max(MAX_NAMES).readonly().optional(),
};

interface Span {
	readonly start: string;
	readonly end: string;
}
const endsAfterStart = ({ start, end }: Span): boolean => Date.parse(end) > Date.parse(start);
const isShort = ({ start, end }: Span): boolean => Date.parse(end) - Date.parse(start) <= MAX_EVENT_DAYS * DAY_MS;
const ORDER = { path: ["end"], message: "must be after start" };
const LENGTH = { path: ["end"], message: `must be within ${MAX_EVENT_DAYS} days of start: what lasts longer is learnt from the accesses` };

/** What an operator declares: a launch, a match, a campaign, an outage. */
export const eventDeclarationSchema = z.strictObject(eventFields).refine(endsAfterStart, ORDER).refine(isShort, LENGTH);
export type EventDeclaration = z.infer<typeof eventDeclarationSchema>;

/** A declared event as it is stored. */
export const externalEventSchema = z.strictObject({ eventId: z.string().min(1), ...eventFields }).refine(endsAfterStart, ORDER);
export type ExternalEvent = z.infer<typeof externalEventSchema>;

/** An event as a file declares it to a replay: what an operator would have declared, and when. What `events list --json` adds is let by. */
export const recordedEventSchema = z
	.strictObject({
		eventId: z.string().optional(),
		state: z.string().optional(),
		/** ISO 8601; before it nothing is known of the event. @default known from the beginning */
		declaredAt: z.iso.datetime({ offset: true }).optional(),
		...eventFields,
	})
	.refine(endsAfterStart, ORDER)
	.refine(isShort, LENGTH)
	.refine(({ declaredAt, end }) => declaredAt === undefined || Date.parse(declaredAt) < Date.parse(end), {
		path: ["declaredAt"],
		message: "must be before end: an event that is over cannot change a forecast",
	});
export type RecordedEvent = z.infer<typeof recordedEventSchema>;

/** Whether an event concerns a partition. */
export const concernsPartition = ({ partitions }: Pick<EventDeclaration, "partitions">, partition: string): boolean =>
	partitions === undefined ||
	partitions.some((pattern) => (pattern.endsWith("*") ? partition.startsWith(pattern.slice(0, -1)) : pattern === partition));
