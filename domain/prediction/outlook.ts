import * as z from "zod";
import { OUTLOOK_HOURS } from "#domain/prediction/settings.ts";

/** Accesses expected in each of the coming hours, by region. */
export interface HourlyOutlook {
	/** Hours since the Unix epoch: the first hour, in which a decision of the run takes effect. */
	readonly fromHour: number;
	/** `OUTLOOK_HOURS` hours after another, in an hour one number a region, in the order of the partition's vectors. */
	readonly accesses: Float32Array;
}

/** An outlook as JSON carries it: 32-bit floats, little-endian, base64. */
export const packedOutlookSchema = z.strictObject({ fromHour: z.int(), accesses: z.string() });

/** Characters of an outlook's numbers. */
export const outlookLength = (regions: number): number => Math.ceil((OUTLOOK_HOURS * regions * 4) / 3) * 4;
