import * as z from "zod";
import { windowCountsSchema } from "#domain/prediction/window-counts.ts";

/** A Kinesis event of a tumbling window, as far as counting reads it. @see https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html */
export const windowEventSchema = z.object({
	Records: z.array(z.object({ kinesis: z.object({ data: z.string(), sequenceNumber: z.string() }) })).default([]),
	/** Empty at the beginning of a window. */
	state: z.union([windowCountsSchema, z.strictObject({})]).nullish(),
	/** Absent where the mapping has no window: every call is then counted at once. */
	window: z.object({ start: z.string(), end: z.string() }).optional(),
	shardId: z.string().default("unknown"),
	isFinalInvokeForWindow: z.boolean().default(false),
	isWindowTerminatedEarly: z.boolean().default(false),
});
export type WindowEvent = z.infer<typeof windowEventSchema>;
