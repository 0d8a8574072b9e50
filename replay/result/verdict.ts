import { PLACEMENT_SETTINGS } from "#domain/placement/settings.ts";
import { assertNever } from "#domain/shared/assert-never.ts";
import { type Claim, type Deployable, type Judgement, judgeReplay, type ReplayFindings } from "#replay/result/judge.ts";
import { describeReactive } from "#replay/result/reactive-rule.ts";
import { PolicyName, type PolicyResult, type ReplaySettings } from "#replay/result/replay-result.ts";

/**
 * A plain paragraph on one line: what to turn on, what it saves and costs, or that prediction does not help here. Names no difference that
 * its 95 % interval does not carry. Pure.
 */
export function verdictOf(findings: ReplayFindings): string {
	const judgement = judgeReplay(findings);
	const { choice, result } = judgement;
	const sentences = [...sayPrediction(findings, judgement)];
	if (choice !== undefined && result !== undefined) {
		sentences.push(...sayChoice(findings, judgement, choice, result));
		if (judgement.claims.length > 0) sentences.push(...sayCost(findings, judgement, result));
		sentences.push(
			...sayOneCopy(findings, choice, result),
			...sayEverywhere(judgement, result),
			...sayLimits(findings),
			...sayFree(findings, result),
			...sayFew(findings, judgement),
		);
	}
	return sentences.length > 0 ? sentences.join(" ") : "No policy that could be turned on was replayed, so there is nothing to advise.";
}

const NAMES: Readonly<Record<PolicyName, string>> = {
	[PolicyName.StaticRegion]: "one region for all",
	[PolicyName.StaticPartition]: "fixed regions for each partition",
	[PolicyName.FullReplication]: "a copy in every region",
	[PolicyName.Reactive]: "a rule that follows past accesses",
	[PolicyName.ReactiveHindsight]: "the best reactive rule in hindsight",
	[PolicyName.Predictive]: "forecasts",
	[PolicyName.Oracle]: "an oracle",
};

const ACTIONS: Readonly<Record<Deployable, string>> = {
	[PolicyName.Predictive]: "Turn on predictive placement",
	[PolicyName.Reactive]: "Turn on reactive placement",
	[PolicyName.StaticPartition]: "Give each partition its own fixed regions",
	[PolicyName.StaticRegion]: "Stay with one region",
};

function sayPrediction({ follows }: ReplayFindings, { prediction, choice }: Judgement): readonly string[] {
	if (follows !== undefined)
		return ["Prediction does not help here: in the part of the log that trains, it would have cost more than following past accesses."];
	if (prediction === undefined) return [];
	const rival = NAMES[prediction.with];
	const isHindsight = prediction.with === PolicyName.ReactiveHindsight;
	const untuned = isHindsight && choice === PolicyName.Predictive ? ["That rule is known only afterwards; forecasts need no tuning."] : [];
	switch (prediction.finding) {
		case "worse":
			return [`Prediction does not help here: ${rival} is ${ms(-prediction.savingMs)} an access better.`, ...untuned];
		case "unclear":
			return [
				`Prediction does not help here: no difference to ${rival} is shown (95 % interval of the saving ${range(prediction.interval)}).`,
				...untuned,
			];
		case "better":
			return [];
		default:
			return assertNever(prediction.finding);
	}
}

/** What turns on what was replayed, by the settings' names; a move that costs nothing is nothing that could be deployed. */
function actionOf(choice: Deployable, { settings: { copies, moveCostMs }, minZScore, follows }: ReplayFindings): string {
	if (choice === PolicyName.Predictive && follows !== undefined) return `${ACTIONS[PolicyName.Reactive]} (${describeReactive(follows)})`;
	if (choice !== PolicyName.Predictive || moveCostMs === 0) return ACTIONS[choice];
	const named = [
		copies === 1 ? "placement.follow: hours" : `placement.maxCopies: ${copies}`,
		...(minZScore === undefined || minZScore === PLACEMENT_SETTINGS.minZScore ? [] : [`placement.minZScore: ${minZScore}`]),
	];
	return `${ACTIONS[choice]} (${named.join(", ")})`;
}

function sayChoice(findings: ReplayFindings, judgement: Judgement, choice: Deployable, result: PolicyResult): readonly string[] {
	const { policies } = findings;
	const { claims, secondCopyIsWaste, alternatives } = judgement;
	const waste = secondCopyIsWaste ? ["Not even a second copy pays."] : [];
	const [first] = claims;
	if (alternatives === 0) return [`Nothing was replayed with which ${NAMES[choice]} could be compared.`];
	if (first === undefined) return [`${actionOf(choice, findings)}: nothing else that was replayed is shown to be better.`, ...waste];
	const told = claims.length > 2 ? [first, ...claims.slice(-1)] : claims;
	const savings = told.map((claim, index) => saving(claim, policies[claim.over]?.costMs ?? Number.NaN, index === 0));
	const nearBefore = policies[first.over]?.nearShare ?? Number.NaN;
	const share = `${percent(result.nearShare)} of accesses are answered near instead of ${percent(nearBefore)}`;
	return [`${actionOf(choice, findings)}: it saves ${list(savings)}; ${share}.`, ...waste];
}

function saving({ over, savingMs, interval }: Claim, costMs: number, isFirst: boolean): string {
	const part = costMs > 0 ? `${((savingMs / costMs) * 100).toFixed(1)} %; ` : "";
	return `${ms(savingMs)}${isFirst ? " an access" : ""} (${part}${isFirst ? "95 % interval " : ""}${range(interval)}) against ${NAMES[over]}`;
}

function sayCost({ policies, span, settings, sizes }: ReplayFindings, { claims }: Judgement, result: PolicyResult): readonly string[] {
	const days = Math.max(1, Math.round((span.toMs - span.scoredFromMs) / DAY_MS));
	const nothing = result.moves === 0 && result.transfers === 0;
	const moving = nothing
		? "no moves"
		: `${count(result.moves, "move")} and ${count(result.transfers, "transfer")} of leadership in ${count(days, "day")}`;
	const before = claims[0] === undefined ? null : (policies[claims[0].over]?.usdPerMonth ?? null);
	return [`It costs ${moving}, ${copies(result)} a partition${price(result, before, settings)}${assumed(settings, sizes)}.`];
}

function price({ usdPerMonth, assumedPrices = [] }: PolicyResult, before: number | null, { prices }: ReplaySettings): string {
	if (usdPerMonth === null) return "";
	const regions = new Set(assumedPrices.map((label) => label.split(" ").at(-1)));
	const upwards = regions.size === 0 ? "" : ` (those of ${count(regions.size, "region")} assumed upwards)`;
	const by = `${prices === undefined ? "list prices" : prices.source}${upwards}`;
	return `, ${usd(usdPerMonth)} a month at ${by}${before === null ? "" : ` instead of ${usd(before)}`}`;
}

/** Money told by an assumption says so. */
const assumed = ({ objectBytes }: ReplaySettings, sizes: ReplayFindings["sizes"]): string =>
	sizes === "assumed" ? ` (taking objects to have ${(objectBytes ?? 0).toLocaleString("en-US")} bytes, which the log does not tell)` : "";

/** Whether more copies than one are worth it, where more were replayed and the choice has them. */
function sayOneCopy({ oneCopy }: ReplayFindings, choice: Deployable, result: PolicyResult): readonly string[] {
	const interval = oneCopy?.savedBy[choice];
	if (oneCopy === undefined || interval === undefined || result.copies <= 1) return [];
	const one = `one copy by ${NAMES[oneCopy.policy]}`;
	const savedMs = oneCopy.costMs - result.costMs;
	if (interval[1] < 0) return [`A second copy does not pay: ${one} is ${ms(-savedMs)} an access better.`];
	if (interval[0] <= 0)
		return [`A second copy does not pay: no difference to ${one} is shown (95 % interval of the saving ${range(interval)}).`];
	const isPriced = result.usdPerMonth !== null && oneCopy.usdPerMonth !== null;
	const money = isPriced ? `, for ${usd(result.usdPerMonth ?? 0)} a month instead of ${usd(oneCopy.usdPerMonth ?? 0)}` : "";
	return [`Against ${one}, the copies save ${ms(savedMs)} an access (95 % interval ${range(interval)})${money}.`];
}

function sayEverywhere({ everywhere }: Judgement, result: PolicyResult): readonly string[] {
	if (everywhere === undefined) return [];
	const { usdPerMonth } = everywhere.result;
	const money = usdPerMonth === null ? "" : `, ${usd(usdPerMonth)} a month`;
	const instead = `${copies(everywhere.result)} a partition instead of ${result.copies.toFixed(1)}${money}`;
	return [`A copy in every region would save ${ms(everywhere.savingMs)} an access more, at ${instead}.`];
}

const sayLimits = ({ settings: { capacity, copiesPerHour } }: ReplayFindings): readonly string[] =>
	capacity === undefined && copiesPerHour === undefined
		? []
		: ["Only forecasts were held to the limits that were given; nothing else was."];

/** Partitions from which on resampling them says something. */
const ENOUGH_PARTITIONS = 10;

const sayFew = ({ partitions }: ReplayFindings, { claims }: Judgement): readonly string[] =>
	claims.length > 0 && partitions < ENOUGH_PARTITIONS
		? [
				`Intervals come from resampling partitions, of which there ${partitions === 1 ? "is 1" : `are ${partitions}`}: they say little here.`,
			]
		: [];

const sayFree = ({ settings: { moveCostMs } }: ReplayFindings, { moves }: PolicyResult): readonly string[] =>
	moveCostMs === 0 && moves > 0 ? ["Moves were replayed as free, which none is: this is a bound, and nothing to turn on."] : [];

const DAY_MS = 86_400_000;

const ms = (value: number): string => `${value.toFixed(Math.abs(value) < 1 ? 2 : 1)} ms`;
const range = ([low, high]: readonly [number, number]): string => {
	const digits = Math.min(Math.abs(low), Math.abs(high)) < 1 ? 2 : 1;
	return `${low.toFixed(digits)} to ${high.toFixed(digits)} ms`;
};
const percent = (share: number): string => `${Math.round(share * 100)} %`;
const usd = (value: number): string => `$${value < 10 ? value.toFixed(2) : Math.round(value).toLocaleString("en-US")}`;
const count = (n: number, one: string): string => `${Math.round(n).toLocaleString("en-US")} ${Math.round(n) === 1 ? one : `${one}s`}`;
const copies = ({ copies: n }: PolicyResult): string => `${n.toFixed(1)} ${n < 1.05 ? "copy" : "copies"}`;
const list = (parts: readonly string[]): string =>
	parts.length < 2 ? (parts[0] ?? "") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
