import * as z from "zod";
import { regionSchema } from "#domain/geography/region-schema.ts";
import { partitionSchema } from "#domain/partition/partition-schema.ts";
import type { PredictionVector } from "#domain/prediction/prediction-vector.ts";

/** Why a partition moves or stays. */
export const DecisionReason = {
	/** Moves: the forecast saving is large, worth its cost and certain enough. */
	Saving: "saving",
	/** Moves: another set of copies is expected to save more than it costs. */
	Copies: "copies",
	/** Moves: the coming hours are nearer to another copy that stands already; nothing is copied. */
	Follow: "follow",
	/** Moves: the only copy goes where the hours ahead pay for a move there and back, though the week speaks for no move. */
	Excursion: "excursion",
	/** Moves: the residency rule excludes the present leader. */
	Residency: "residency",
	/** Moves: the operator pinned it elsewhere. */
	Pin: "pin",
	AlreadyBest: "already-best",
	SmallSaving: "small-saving",
	NotWorthMoving: "not-worth-moving",
	Uncertain: "uncertain",
	CoolDown: "cool-down",
	Pinned: "pinned",
	Frozen: "frozen",
	/** Another migration holds the partition. */
	Migrating: "migrating",
	/** Residency, pin and frozen regions leave nothing. */
	NoAllowedRegion: "no-allowed-region",
	/** Worth moving, but others were worth more of what one run may move. */
	Budget: "budget",
	/** Worth moving, but others were worth more of what room the regions have. */
	Capacity: "capacity",
	/** In the permanent holdout group: others are measured against it. */
	Holdout: "holdout",
	NoForecast: "no-forecast",
	/** The metadata table knows no such partition. */
	NoRecord: "no-record",
} as const;
export type DecisionReason = (typeof DecisionReason)[keyof typeof DecisionReason];

/** What keeps a region out of the choice. */
export const Exclusion = { Residency: "residency", Pin: "pin", RegionFrozen: "region-frozen", Capacity: "capacity" } as const;
export type Exclusion = (typeof Exclusion)[keyof typeof Exclusion];

const alternativeSchema = z.strictObject({
	region: regionSchema,
	/** Expected mean round-trip time in ms with the leader there. */
	costMs: z.number(),
	/** The share of accesses expected from there. */
	probability: z.number(),
	excludedBy: z.enum(Exclusion).optional(),
});
export type Alternative = z.infer<typeof alternativeSchema>;

const setAlternativeSchema = z.strictObject({
	regions: z.array(regionSchema).readonly(),
	/** Expected mean round-trip time of an access, ms. */
	meanMs: z.number(),
	/** ms x accesses of a week: round trips, copies kept, and the charge for copies still to be made. */
	weekMs: z.number(),
});

const planActionSchema = z.union([
	z.strictObject({ addFollower: regionSchema }),
	z.strictObject({ transferLeadership: regionSchema }),
	z.strictObject({ removeFollower: regionSchema }),
]);

/** Everything that led to a verdict: enough to explain it and to take it again. */
export const decisionSchema = z.strictObject({
	decisionId: z.string(),
	partition: partitionSchema,
	/** The run's scheduled time, ISO 8601. */
	decidedAt: z.string(),
	verdict: z.enum(["move", "stay"]),
	reason: z.enum(DecisionReason),
	/** The constraint without which another region would have been chosen. */
	bound: z.strictObject({ by: z.enum(Exclusion), region: regionSchema }).optional(),
	source: regionSchema.optional(),
	/** The best allowed region; where it moves when the verdict is `move`. */
	target: regionSchema.optional(),
	/** Of the record the decision was taken on. */
	epoch: z.int().optional(),
	/** Only when it moves. */
	migrationId: z.string().optional(),
	/** The forecast that chose, with the interval in which the accesses were expected with 80 %. */
	forecast: z
		.strictObject({
			windowHours: z.number(),
			madeAtMs: z.number(),
			expectedAccesses: z.number(),
			accessesInterval: z.tuple([z.number(), z.number()]).readonly().optional(),
			effectiveCount: z.number(),
		})
		.optional(),
	/** What the short forecast says of the same two regions; for the reader, it does not decide. */
	shortTerm: z.strictObject({ windowHours: z.number(), savingMs: z.number(), expectedAccesses: z.number() }).optional(),
	/** Cheapest first, then by region code. */
	alternatives: z.array(alternativeSchema).readonly(),
	/** Copies at the time, leader first; and those chosen, where sets of copies are placed. */
	copies: z.array(regionSchema).readonly().optional(),
	chosen: z.array(regionSchema).readonly().optional(),
	/** What is done to get there; only when it moves. */
	actions: z.array(planActionSchema).readonly().optional(),
	/** The cheapest sets by the week's forecast, cheapest first, the present one among them: leader first. */
	sets: z.array(setAlternativeSchema).readonly().optional(),
	/** What leading elsewhere would save in the hours ahead and afterwards, against what the change is charged; ms x accesses. */
	plan: z.strictObject({ hours: z.number(), leader: regionSchema, savingMs: z.number(), chargeMs: z.number() }).optional(),
	/** Mean round-trip time saved an access, ms, source against target. */
	savingMs: z.number().optional(),
	/** Saving x expected accesses - the share of the move's cost that the window has to bear, in ms x accesses. */
	benefitMs: z.number().optional(),
	/** Standard errors between the saving and zero, at most 1e6. */
	zScore: z.number().optional(),
	settings: z.record(z.string(), z.number()),
});
export type Decision = z.infer<typeof decisionSchema>;

/** Names one decision: a partition is decided at most once a run. */
export const decisionIdOf = (partition: string, decidedAt: string): string => `${partition}@${decidedAt}`;

/** What a decision keeps of the forecast that chose. */
export const keptOf = ({
	windowHours,
	madeAtMs,
	expectedAccesses,
	accessesInterval,
	effectiveCount,
}: PredictionVector): NonNullable<Decision["forecast"]> => ({
	windowHours,
	madeAtMs,
	expectedAccesses,
	...(accessesInterval === undefined ? {} : { accessesInterval }),
	effectiveCount,
});
