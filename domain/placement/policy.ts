import * as z from "zod";
import { PLACEMENT_SETTINGS, type PlacementSettings } from "#domain/placement/settings.ts";
import { priceOverridesSchema } from "#domain/pricing/overrides.ts";

export const FOLLOW = ["week", "hours"] as const;
export type Follow = (typeof FOLLOW)[number];

/** What an operator says of placement; every field may be left out. */
export const placementPolicySchema = z.strictObject({
	/** Moves begun in one run at most; 0 begins none. */
	movesPerRun: z.int().min(0).default(50),
	/** Changes begun in one run at most that copy nothing: transfers among standing copies, copies taken back. */
	transfersPerRun: z.int().min(0).default(200),
	/** Copies of a partition at most. Default 1: a partition moves as a whole. */
	maxCopies: z.int().min(1).max(5).default(1),
	/**
	 * What moves the only copy: the week's forecast alone, or a plan by the hour, for which it may go away for some hours. The second saves more and
	 * moves several times as often.
	 */
	follow: z.enum(FOLLOW).default("week"),
	/** Standard errors that a saving has to be above zero before data is copied for it. `heliotrope replay` finds it for a log. */
	minZScore: z.number().min(0).max(10).default(PLACEMENT_SETTINGS.minZScore),
	/**
	 * What a million ms of round-trip time saved are worth, US dollars: a move is then charged what the partition's own bytes and items cost at
	 * published prices, too. @default money is not counted
	 */
	usdPerMillionMs: z.number().positive().optional(),
	/** Prices in place of the published ones, for that charge. */
	prices: priceOverridesSchema.optional(),
	/** The share of accesses that the nearest copy may answer: session and eventual reads. The others go to the leader. */
	readShare: z.number().min(0).max(1).default(0),
	/** What a change of leadership among standing copies is charged, in ms x accesses. */
	transferCostMs: z.number().min(0).default(5),
	/** What a copy beyond the first is charged a week for storage and the writes that reach it, in ms x accesses. */
	copyWeekMs: z.number().min(0).default(20),
	/** Bytes that the moves begun in one run copy at most. @default no limit */
	bytesPerRun: z.number().positive().optional(),
	/** By region, copies that it holds at most. @default no limit */
	copies: z.record(z.string(), z.int().min(0)).default({}),
	/** The share of partitions that are never moved for a saving: what the others gain is measured against them. */
	holdoutShare: z.number().min(0).max(1).default(PLACEMENT_SETTINGS.holdoutShare),
});
export type PlacementPolicy = z.output<typeof placementPolicySchema>;
export type PlacementPolicyInput = z.input<typeof placementPolicySchema>;

/** How one partition is decided on, as the policy has it. */
export const settingsOf = ({ holdoutShare, minZScore }: PlacementPolicy): PlacementSettings => ({
	...PLACEMENT_SETTINGS,
	holdoutShare,
	minZScore,
});
