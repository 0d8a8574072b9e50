import { HOUR_MS } from "#domain/prediction/hours.ts";
import { NOTHING_OUTSIDE, type OutsideSources } from "#predictor/external/outside.ts";
import type { ModelArtefact } from "#predictor/models/artefact.ts";
import { FullAccount } from "#replay/engine/accounting/full-account.ts";
import { compareWithOneCopy, costsOf } from "#replay/engine/one-copy.ts";
import { playEverywhere } from "#replay/engine/policies/everywhere.ts";
import { playOracle } from "#replay/engine/policies/oracle.ts";
import { playReactive } from "#replay/engine/policies/reactive.ts";
import { bestReactiveRule, DEFAULT_REACTIVE_RULE } from "#replay/engine/policies/reactive-grid.ts";
import { bestForAll, bestForEach, playStatic } from "#replay/engine/policies/static.ts";
import { type PredictiveRun, runPredictive } from "#replay/engine/predictive/run-predictive.ts";
import { assertReplayable } from "#replay/engine/replayable.ts";
import { withRegret } from "#replay/engine/scoring/activity-classes.ts";
import { Bootstrap, intervalOf } from "#replay/engine/scoring/bootstrap.ts";
import { monthlyMoney, sizesOf } from "#replay/engine/scoring/monthly-usd.ts";
import { ownResult } from "#replay/engine/scoring/policy-result.ts";
import { sum } from "#replay/engine/scoring/served.ts";
import type { Trace } from "#replay/engine/trace.ts";
import { createWorld, type ReplayWorld } from "#replay/engine/world.ts";
import { describeReactive } from "#replay/result/reactive-rule.ts";
import {
	type PartitionOutcome,
	PolicyName,
	type PolicyResult,
	type ReplayResult,
	type ReplaySettings,
} from "#replay/result/replay-result.ts";
import { verdictOf } from "#replay/result/verdict.ts";

export interface ReplayOptions {
	/** Names the log in the result. */
	readonly name: string;
	/** Which policies to play. The oracle and the static partition policy are always played: others are measured by them. @default all */
	readonly policies?: readonly PolicyName[];
	/** What `predictive` knows besides the accesses. @default nothing */
	readonly outside?: OutsideSources;
	/** Plays `predictive` in place of one trained on the first part of the log. */
	readonly model?: ModelArtefact | undefined;
	/** A phase and, where it is known, how much of it is done, 0..1. */
	readonly onProgress?: (phase: string, share?: number) => void;
}

/**
 * Plays policies on a log and says what each would have given.
 *
 * @param rttMs round-trip times between the trace's regions, square, viewer first
 * @throws OperatingError `replay.too-short`, `replay.one-region`: what is wrong with the log
 */
export function runReplay(trace: Trace, settings: ReplaySettings, rttMs: Float64Array, options: ReplayOptions): ReplayResult {
	assertReplayable(trace);
	const world = createWorld(trace, settings, rttMs);
	const wanted = new Set<PolicyName>(options.policies ?? Object.values(PolicyName));
	wanted.add(PolicyName.Oracle).add(PolicyName.StaticPartition);
	const played = playAll(world, wanted, options);
	const { policies, oneCopy } = compare(world, played.accounts);
	const findings = {
		trace: options.name,
		rows: trace.rows,
		rowsSkipped: trace.rowsSkipped,
		settings,
		span: {
			fromMs: (trace.cells.hour[0] ?? 0) * HOUR_MS,
			scoredFromMs: world.scoredFromHour * HOUR_MS,
			toMs: ((trace.cells.hour.at(-1) ?? 0) + 1) * HOUR_MS,
		},
		partitions: trace.partitions.length,
		accesses: sum(played.accounts[PolicyName.StaticPartition]?.account.accesses ?? new Float64Array(0)),
		policies,
		sizes: sizesOf(world),
		...(oneCopy === undefined ? {} : { oneCopy }),
		forecast: played.forecast,
		...played.chosen,
		outcomes: outcomesOf(world, played.accounts),
	};
	return { ...findings, verdict: verdictOf(findings) };
}

interface Played {
	readonly account: FullAccount;
	readonly description: string;
}
type Accounts = Partial<Record<PolicyName, Played>>;

function playAll(
	world: ReplayWorld,
	wanted: ReadonlySet<PolicyName>,
	{ outside = NOTHING_OUTSIDE, model, onProgress = () => undefined }: ReplayOptions,
): Pick<ReplayResult, "forecast"> & { readonly accounts: Accounts; readonly chosen: Pick<ReplayResult, "minZScore" | "follows"> } {
	const accounts: Accounts = {};
	const play = (name: PolicyName, run: (account: FullAccount) => string): void => {
		if (!wanted.has(name)) return;
		onProgress(name);
		const account = new FullAccount(world);
		accounts[name] = { account, description: run(account) };
	};
	const fixed = bestForEach(world);
	play(PolicyName.StaticRegion, (account) => {
		playStatic(world, bestForAll(world), account);
		return "all partitions where the first part of the log would have had them";
	});
	play(PolicyName.StaticPartition, (account) => {
		playStatic(world, fixed, account);
		return "each partition where the first part of the log would have had it";
	});
	play(PolicyName.FullReplication, (account) => {
		playEverywhere(world, fixed.leader, account);
		return "a copy in every region, the leader as in static-partition";
	});
	play(PolicyName.Reactive, (account) => {
		playReactive(world, DEFAULT_REACTIVE_RULE, account);
		return describeReactive(DEFAULT_REACTIVE_RULE);
	});
	play(PolicyName.ReactiveHindsight, (account) => {
		const rule = bestReactiveRule(world);
		playReactive(world, rule, account);
		return `${describeReactive(rule)}; the best of a grid, known only afterwards`;
	});
	let predicted: PredictiveRun | undefined;
	play(PolicyName.Predictive, (account) => {
		predicted = runPredictive(world, account, outside, onProgress, model);
		return predicted.description;
	});
	play(PolicyName.Oracle, (account) => {
		playOracle(world, fixed, account);
		return "knows every access to come; charges, lead time and cool-down as the others";
	});
	return { accounts, forecast: predicted?.forecast ?? {}, chosen: chosenBy(predicted) };
}

function chosenBy(predicted: PredictiveRun | undefined): Pick<ReplayResult, "minZScore" | "follows"> {
	if (predicted === undefined) return {};
	const { minZScore, follow } = predicted;
	return follow === undefined ? { minZScore } : { follows: follow };
}

function compare(world: ReplayWorld, accounts: Accounts): Pick<ReplayResult, "policies" | "oneCopy"> {
	const played = Object.entries(accounts) as [PolicyName, Played][];
	const accesses = accounts[PolicyName.StaticPartition]?.account.accesses ?? new Float64Array(0);
	const bootstrap = new Bootstrap(accesses, world.settings.seed);
	const own = new Map(played.map(([name, { account, description }]) => [name, ownResult(world, account, description)]));
	const means = new Map(played.map(([name, { account }]) => [name, bootstrap.means(costsOf(account))]));
	const oracleMs = own.get(PolicyName.Oracle)?.costMs ?? Number.NaN;
	const fixedMs = own.get(PolicyName.StaticPartition)?.costMs ?? Number.NaN;
	const policies = Object.fromEntries(
		played.map(([name, { account }]) => {
			const result = own.get(name);
			const costs = means.get(name) ?? new Float64Array(0);
			const savingOver = played.flatMap(([other]) => {
				if (other === name) return [];
				const theirs = means.get(other) ?? new Float64Array(0);
				return [[other, intervalOf(theirs.map((value, index) => value - (costs[index] ?? 0)))]];
			});
			const costMs = result?.costMs ?? Number.NaN;
			const full = {
				...result,
				...monthlyMoney(world, account),
				captureOfOracle: fixedMs > oracleMs ? (fixedMs - costMs) / (fixedMs - oracleMs) : 0,
				regretMs: costMs - oracleMs,
				byActivity: withRegret(result?.byActivity ?? [], own.get(PolicyName.Oracle)?.byActivity ?? []),
				interval: intervalOf(costs),
				savingOver: Object.fromEntries(savingOver),
			};
			return [name, full];
		}),
	) as Partial<Record<PolicyName, PolicyResult>>;
	const oneCopy = compareWithOneCopy(world, bootstrap, means);
	return oneCopy === undefined ? { policies } : { policies, oneCopy };
}

const OUTCOMES_SHOWN = 20;

/** The partitions with the largest and the smallest gain in all, by what they gain an access. */
function outcomesOf({ trace }: ReplayWorld, accounts: Accounts): readonly PartitionOutcome[] {
	const forecast = accounts[PolicyName.Predictive]?.account;
	const rival = (accounts[PolicyName.ReactiveHindsight] ?? accounts[PolicyName.Reactive])?.account;
	if (forecast === undefined || rival === undefined) return [];
	const [ours, theirs] = [costsOf(forecast), costsOf(rival)];
	const gains = trace.partitions.flatMap((partition, index) => {
		const accesses = forecast.accesses[index] ?? 0;
		const gainMs = (theirs[index] ?? 0) - (ours[index] ?? 0);
		return accesses === 0 ? [] : [{ partition, accesses, gainMs }];
	});
	gains.sort((a, b) => b.gainMs - a.gainMs || (a.partition < b.partition ? -1 : 1));
	const shown = gains.length <= 2 * OUTCOMES_SHOWN ? gains : [...gains.slice(0, OUTCOMES_SHOWN), ...gains.slice(-OUTCOMES_SHOWN)];
	return shown.map(({ gainMs, ...outcome }) => ({ ...outcome, gainMs: gainMs / outcome.accesses }));
}
