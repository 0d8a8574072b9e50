import type { RegionId } from "#domain/geography/region-id.ts";
import type { PriceOverrides } from "#domain/pricing/overrides.ts";
import type { ForecastScore } from "#predictor/evaluation/score.ts";
import type { ReactiveRule } from "#replay/result/reactive-rule.ts";

/** The placement policies that a replay compares, in the order in which they are shown. */
export const PolicyName = {
	/** Everything leads in the one best region. */
	StaticRegion: "static-region",
	/** Each partition in its best regions of the first part of the log, for ever. */
	StaticPartition: "static-partition",
	/** A copy in every region; reads are near, writes go to the leader. */
	FullReplication: "full-replication",
	/** Follows past accesses; one configuration for every log. */
	Reactive: "reactive",
	/** The reactive configuration that was best on the scored part: known only in hindsight. */
	ReactiveHindsight: "reactive-hindsight",
	/** Follows the forecasts, as the deployed predictor would, or past accesses where these did better before the scored part. */
	Predictive: "predictive",
	/** Knows the future; charges, lead time and cool-down as the others: a bound. */
	Oracle: "oracle",
} as const;
export type PolicyName = (typeof PolicyName)[keyof typeof PolicyName];

/** How partitions of similar activity fared. */
export interface ActivityClass {
	/** Accesses of a partition in the scored part: at least `from`, less than `below` (null: no limit). */
	readonly from: number;
	readonly below: number | null;
	readonly partitions: number;
	readonly accesses: number;
	readonly meanRttMs: number;
	readonly p50Ms: number;
	readonly p95Ms: number;
	readonly p99Ms: number;
	readonly nearShare: number;
	/** Mean round-trip time and charges, ms an access. */
	readonly costMs: number;
	/** costMs - the oracle's. */
	readonly regretMs: number;
	/** Of all partitions of the class. */
	readonly moves: number;
	readonly transfers: number;
}

/** A calendar month (UTC) of the scored part. */
export interface MonthResult {
	/** `2023-01`. */
	readonly month: string;
	readonly accesses: number;
	readonly meanRttMs: number;
}

/** What one policy would have given on the scored part of the log. */
export interface PolicyResult {
	/** One phrase for the reader: what it does, with the parameters that were chosen. */
	readonly description: string;
	readonly meanRttMs: number;
	readonly p50Ms: number;
	readonly p95Ms: number;
	readonly p99Ms: number;
	/** Share of accesses answered in the region nearest to the viewer, 0..1. */
	readonly nearShare: number;
	/** Mean copies of a partition, weighted by accesses. */
	readonly copies: number;
	/** Copies made after a partition's first, initial sets not counted. */
	readonly moves: number;
	/** Changes of leadership among standing copies. */
	readonly transfers: number;
	/** Mean round-trip time and the charges for moves and transfers, ms an access. */
	readonly costMs: number;
	/** Price of storage, requests, replication and moves, by list or by `settings.prices`; null where the log does not tell sizes well enough. */
	readonly usdPerMonth: number | null;
	/** Prices that none is published for here and that were assumed, upwards: `<what> <region>`, as `cost` names them. @default none */
	readonly assumedPrices?: readonly string[];
	/** The share of the oracle's gain over the static partition policy: 1 is the oracle, 0 static, below 0 worse. */
	readonly captureOfOracle: number;
	/** costMs - the oracle's. */
	readonly regretMs: number;
	/** 95 % interval of costMs, from resampling partitions. */
	readonly interval: readonly [low: number, high: number];
	/**
	 * Per other policy: 95 % interval of (its costMs - this costMs), both taken from the same resamples of partitions. Positive: this one is
	 * better. Far narrower than what the two `interval`s would allow, since partitions differ more than policies do.
	 */
	readonly savingOver?: Readonly<Partial<Record<PolicyName, readonly [low: number, high: number]>>>;
	readonly byActivity: readonly ActivityClass[];
	readonly byMonth: readonly MonthResult[];
	/** Region -> 24 shares of accesses whose leader was there, by hour of the day (UTC). */
	readonly leadersByHour: Readonly<Record<RegionId, readonly number[]>>;
}

/** One copy a partition, for comparison with more. */
export interface OneCopyResult {
	/** The better of fixed regions and the reactive rule. */
	readonly policy: PolicyName;
	readonly meanRttMs: number;
	readonly costMs: number;
	readonly usdPerMonth: number | null;
	/** Per policy of the replay: 95 % interval of (costMs with one copy - its costMs), from the same resamples. Positive: more copies are better. */
	readonly savedBy: Readonly<Partial<Record<PolicyName, readonly [low: number, high: number]>>>;
}

/** How a partition fared under the forecasts against the best reactive rule in hindsight. */
export interface PartitionOutcome {
	readonly partition: string;
	readonly accesses: number;
	/** ms an access, charges included; positive: the forecasts are better. */
	readonly gainMs: number;
}

export interface ReplaySettings {
	readonly regions: readonly RegionId[];
	readonly copies: number;
	readonly moveCostMs: number;
	readonly transferCostMs: number;
	readonly readShare: number;
	/** By region the copies that it holds at most, for `predictive`. @default no limits */
	readonly capacity?: Readonly<Record<RegionId, number>>;
	/** Copies that `predictive` may make in an hour. @default no limit */
	readonly copiesPerHour?: number;
	/** Bytes that an object is taken to have where the log does not tell; else nothing is said of money. */
	readonly objectBytes?: number;
	/** Prices in place of the published ones. */
	readonly prices?: PriceOverrides;
	/** The share of volume before which nothing is scored; what comes before trains the model. */
	readonly scoreFrom: number;
	readonly seed: number;
	/** `measured` where a matrix was given, else `modelled`. */
	readonly rtt: "measured" | "modelled";
	/** The file that holds it. */
	readonly rttFile?: string;
	/** Rows of the log that were asked for, ISO 8601: from `from` until before `to`. */
	readonly from?: string;
	readonly to?: string;
	/** Where a CloudFront log names the partition. */
	readonly partitionFrom?: string;
	/** Names of the events that forecasts were told of. */
	readonly events?: readonly string[];
	/** Whether forecasts followed public holidays. */
	readonly holidays?: boolean;
	/** A model that was ready, for `predictive`; its training ISO 8601, `to` exclusive. @default one trained on what comes before the scored part */
	readonly model?: { readonly name: string; readonly trained?: { readonly from: string; readonly to: string } };
}

/** Everything a replay found: what `replay --json` prints. Fields may be added, none may go. */
export interface ReplayResult {
	readonly trace: string;
	readonly rows: number;
	/** Reason -> rows. */
	readonly rowsSkipped: Readonly<Record<string, number>>;
	readonly settings: ReplaySettings;
	/** ms since the Unix epoch. */
	readonly span: { readonly fromMs: number; readonly scoredFromMs: number; readonly toMs: number };
	readonly partitions: number;
	/** Accesses in the scored part. */
	readonly accesses: number;
	readonly policies: Readonly<Partial<Record<PolicyName, PolicyResult>>>;
	/** Where more than one copy was asked for: the best that one copy gives without forecasts. */
	readonly oneCopy?: OneCopyResult;
	/** How money was told: by the sizes in the log, by `settings.objectBytes`, or not at all. */
	readonly sizes?: "logged" | "assumed" | "unknown";
	/** Standard errors that a saving had to be above zero for `predictive`, chosen by back-test on the part that trains. */
	readonly minZScore?: number;
	/** The reactive rule that `predictive` follows instead of forecasts, which would have cost more in the part that trains. */
	readonly follows?: ReactiveRule;
	/** By window, `6h`, `24h`, `168h`; empty where no predictive policy ran. */
	readonly forecast: Readonly<Record<string, ForecastScore>>;
	/** The partitions that gain most and lose most, best first. */
	readonly outcomes: readonly PartitionOutcome[];
	/** A plain sentence: what to turn on, what it saves and costs, or that prediction does not help here. */
	readonly verdict: string;
}
