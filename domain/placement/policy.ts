import { z } from "zod";
import { PLACEMENT_SETTINGS } from "#domain/placement/settings.ts";

/** What an operator says of placement; every field may be left out. */
export const placementPolicySchema = z.strictObject({
	/** Moves begun in one run at most; 0 begins none. */
	movesPerRun: z.int().min(0).default(50),
	/** Bytes that the moves begun in one run copy at most. @default no limit */
	bytesPerRun: z.number().positive().optional(),
	/** By region, copies that it holds at most. @default no limit */
	copies: z.record(z.string(), z.int().min(0)).default({}),
	/** The share of partitions that are never moved for a saving: what the others gain is measured against them. */
	holdoutShare: z.number().min(0).max(1).default(PLACEMENT_SETTINGS.holdoutShare),
});
export type PlacementPolicy = z.output<typeof placementPolicySchema>;
export type PlacementPolicyInput = z.input<typeof placementPolicySchema>;
