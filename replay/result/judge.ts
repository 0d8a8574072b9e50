import { type Comparison, comparePolicies } from "#replay/result/compare.ts";
import { PolicyName, type PolicyResult, type ReplayResult } from "#replay/result/replay-result.ts";

/** A replay without its sentence. */
export type ReplayFindings = Omit<ReplayResult, "verdict">;

/** What can be turned on, simplest first. Hindsight and the oracle cannot; full replication is weighed apart, since it is bought with money. */
const LADDER = [PolicyName.StaticRegion, PolicyName.StaticPartition, PolicyName.Reactive, PolicyName.Predictive] as const;
export type Deployable = (typeof LADDER)[number];

/** One difference that the interval carries. */
export interface Claim extends Comparison {
	readonly over: PolicyName;
}

/** What follows from a replay. */
export interface Judgement {
	/** What to turn on; undefined where no deployable policy was replayed. */
	readonly choice: Deployable | undefined;
	readonly result: PolicyResult | undefined;
	/** Other policies that the choice was weighed against. */
	readonly alternatives: number;
	/** What the choice saves: over the simplest policy, then over the best reactive rule; only what the interval carries. */
	readonly claims: readonly Claim[];
	/** How the predictive policy compares with what it would have to beat, where it was replayed and not chosen. */
	readonly prediction: (Comparison & { readonly with: PolicyName }) | undefined;
	/** Where more copies were allowed and even they were not shown to be better than the one copy of the simplest policy. */
	readonly secondCopyIsWaste: boolean;
	/** A copy everywhere, where that is shown to be faster than the choice. */
	readonly everywhere: (Comparison & { readonly result: PolicyResult }) | undefined;
}

/** Weighs the policies of a replay against each other: the most elaborate one that is shown to beat every simpler one. Pure. */
export function judgeReplay({ policies, settings }: ReplayFindings): Judgement {
	const present = LADDER.filter((name) => policies[name] !== undefined);
	const choice = present.findLast((name) => rivalsOf(name, present, policies).every((rival) => beats(policies, name, rival)));
	const result = choice === undefined ? undefined : policies[choice];
	return {
		choice,
		result,
		alternatives: present.length - 1 + (policies[PolicyName.ReactiveHindsight] === undefined ? 0 : 1),
		claims: choice === undefined ? [] : claimsOf(policies, choice),
		prediction: choice === PolicyName.Predictive ? undefined : whyNot(policies, present),
		secondCopyIsWaste: isSecondCopyWaste(policies, settings.copies, choice),
		everywhere: choice === undefined ? undefined : fasterEverywhere(policies, choice),
	};
}

type Policies = ReplayResult["policies"];

const beats = (policies: Policies, one: PolicyName, other: PolicyName): boolean =>
	comparePolicies(policies, one, other)?.finding === "better";

/** What a policy must beat to be worth turning on: everything simpler; for forecasts, the best reactive rule even in hindsight. */
function rivalsOf(name: Deployable, present: readonly Deployable[], policies: Policies): readonly PolicyName[] {
	const simpler = present.slice(0, present.indexOf(name));
	if (name !== PolicyName.Predictive || policies[PolicyName.ReactiveHindsight] === undefined) return simpler;
	return [...simpler.filter((rival) => rival !== PolicyName.Reactive), PolicyName.ReactiveHindsight];
}

function claimsOf(policies: Policies, choice: Deployable): readonly Claim[] {
	const over: PolicyName[] = LADDER.slice(0, LADDER.indexOf(choice)).filter((name) => policies[name] !== undefined);
	if (choice === PolicyName.Predictive) over.push(PolicyName.ReactiveHindsight);
	return over.flatMap((name) => {
		const comparison = comparePolicies(policies, choice, name);
		return comparison?.finding === "better" ? [{ ...comparison, over: name }] : [];
	});
}

/** The first rival that the forecasts were not shown to beat, strongest first. */
function whyNot(policies: Policies, present: readonly Deployable[]): Judgement["prediction"] {
	if (policies[PolicyName.Predictive] === undefined) return undefined;
	for (const rival of rivalsOf(PolicyName.Predictive, present, policies).toReversed()) {
		const comparison = comparePolicies(policies, PolicyName.Predictive, rival);
		if (comparison !== undefined && comparison.finding !== "better") return { ...comparison, with: rival };
	}
	return undefined;
}

/** Copies a single-copy policy may have on average. */
const ONE_COPY = 1.0001;

function isSecondCopyWaste(policies: Policies, copies: number, choice: Deployable | undefined): boolean {
	if (copies < 2 || choice === undefined || (policies[choice]?.copies ?? 0) > ONE_COPY) return false;
	const generous = Object.entries(policies).filter(([name, policy]) => name !== PolicyName.Oracle && (policy?.copies ?? 0) > ONE_COPY);
	return generous.length > 0 && generous.every(([name]) => !beats(policies, name as PolicyName, choice));
}

function fasterEverywhere(policies: Policies, choice: Deployable): Judgement["everywhere"] {
	const result = policies[PolicyName.FullReplication];
	const comparison = comparePolicies(policies, PolicyName.FullReplication, choice);
	return result !== undefined && comparison?.finding === "better" ? { ...comparison, result } : undefined;
}
