import { PolicyName } from "#replay/result/replay-result.ts";

/** What the policies are called where people read. */
export const POLICY_TITLES: Readonly<Record<PolicyName, string>> = {
	[PolicyName.StaticRegion]: "one region",
	[PolicyName.StaticPartition]: "fixed per partition",
	[PolicyName.FullReplication]: "copy everywhere",
	[PolicyName.Reactive]: "reactive",
	[PolicyName.ReactiveHindsight]: "reactive, hindsight",
	[PolicyName.Predictive]: "predictive",
	[PolicyName.Oracle]: "oracle (bound)",
};

/** The order in which they are shown. */
export const POLICY_ORDER: readonly PolicyName[] = Object.values(PolicyName);

const DAY_MS = 86_400_000;

/** `2023-04-17`. */
export const formatDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Whole days between two times, at least 1. */
export const daysBetween = (fromMs: number, toMs: number): number => Math.max(1, Math.round((toMs - fromMs) / DAY_MS));

/** `1 to 9`, `10,000 and more`: accesses of a class of activity. */
export const describeClass = ({ from, below }: { readonly from: number; readonly below: number | null }): string => {
	const count = (n: number): string => n.toLocaleString("en-US");
	return below === null ? `${count(from)} and more` : `${count(from)} to ${count(below - 1)}`;
};

/** `$1,234`, `$3.50`; a dash where prices are not known. */
export const formatUsd = (usd: number | null): string => {
	if (usd === null) return "-";
	return `$${usd < 10 ? usd.toFixed(2) : Math.round(usd).toLocaleString("en-US")}`;
};
