import { type Comparison, comparePolicies } from "#replay/result/compare.ts";
import { PolicyName, type PolicyResult, type ReplayResult } from "#replay/result/replay-result.ts";

/** A replay without its sentence. */
export type ReplayFindings = Omit<ReplayResult, "verdict">;

/**
 * What can be turned on, the preferred first where no difference is shown. Forecasts come before the reactive rule: they need no tuning, and a
 * deployment has them. Hindsight and the oracle cannot be turned on; full replication is weighed apart, since it is bought with money.
 */
const LADDER = [PolicyName.StaticRegion, PolicyName.StaticPartition, PolicyName.Predictive, PolicyName.Reactive] as const;
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
	/** What the choice saves: over the policies that can be turned on instead, then over the best reactive rule; only what the interval carries. */
	readonly claims: readonly Claim[];
	/** How the forecasts compare with the strongest that they would have to beat and are not shown to, where they were replayed. */
	readonly prediction: (Comparison & { readonly with: PolicyName }) | undefined;
	/** Where more copies were allowed and even they were not shown to be better than the one copy of the simplest policy. */
	readonly secondCopyIsWaste: boolean;
	/** A copy everywhere, where that is shown to be faster than the choice. */
	readonly everywhere: (Comparison & { readonly result: PolicyResult }) | undefined;
}

/** Weighs the policies of a replay against each other: the first on the ladder that none of the others is shown to beat. Pure. */
export function judgeReplay({ policies, settings }: ReplayFindings): Judgement {
	const present = LADDER.filter((name) => policies[name] !== undefined);
	const choice = present.find((name) => present.every((other) => other === name || !beats(policies, other, name)));
	const result = choice === undefined ? undefined : policies[choice];
	return {
		choice,
		result,
		alternatives: present.length - 1 + (policies[PolicyName.ReactiveHindsight] === undefined ? 0 : 1),
		claims: choice === undefined ? [] : claimsOf(policies, choice),
		prediction: whyNot(policies, present),
		secondCopyIsWaste: isSecondCopyWaste(policies, settings.copies, choice),
		everywhere: choice === undefined ? undefined : fasterEverywhere(policies, choice),
	};
}

type Policies = ReplayResult["policies"];

const beats = (policies: Policies, one: PolicyName, other: PolicyName): boolean =>
	comparePolicies(policies, one, other)?.finding === "better";

/** What forecasts must beat to be of help: everything that can be turned on without them, and the best reactive rule even in hindsight. */
const rivalsOfForecasts = (present: readonly Deployable[], policies: Policies): readonly PolicyName[] =>
	policies[PolicyName.ReactiveHindsight] === undefined
		? present.filter((name) => name !== PolicyName.Predictive)
		: [...present.filter((name) => name !== PolicyName.Predictive && name !== PolicyName.Reactive), PolicyName.ReactiveHindsight];

function claimsOf(policies: Policies, choice: Deployable): readonly Claim[] {
	const over: PolicyName[] = LADDER.slice(0, LADDER.indexOf(choice)).filter((name) => policies[name] !== undefined);
	if (choice === PolicyName.Predictive)
		over.push(policies[PolicyName.ReactiveHindsight] === undefined ? PolicyName.Reactive : PolicyName.ReactiveHindsight);
	return over.flatMap((name) => {
		const comparison = comparePolicies(policies, choice, name);
		return comparison?.finding === "better" ? [{ ...comparison, over: name }] : [];
	});
}

/** The first rival that the forecasts were not shown to beat, strongest first. */
function whyNot(policies: Policies, present: readonly Deployable[]): Judgement["prediction"] {
	if (policies[PolicyName.Predictive] === undefined) return undefined;
	for (const rival of rivalsOfForecasts(present, policies).toReversed()) {
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
