import { type Decision, DecisionReason } from "#domain/placement/decision.ts";
import { compareCodes } from "#domain/placement/expected-cost.ts";

/** Moves that a rule demands go before those that save something. */
const isDemanded = ({ reason }: Decision): boolean => reason === DecisionReason.Residency || reason === DecisionReason.Pin;

/** Lets at most `maxMoves` decisions move, demanded ones first, then those with the largest benefit; the others stay for want of budget. Keeps the order. */
export function applyMoveBudget(decisions: readonly Decision[], maxMoves: number): readonly Decision[] {
	const moves = decisions.filter(({ verdict }) => verdict === "move").sort(byUrgency);
	const granted = new Set(moves.slice(0, maxMoves).map(({ decisionId }) => decisionId));
	return decisions.map((decision) =>
		decision.verdict === "stay" || granted.has(decision.decisionId)
			? decision
			: { ...decision, verdict: "stay", reason: DecisionReason.Budget },
	);
}

const byUrgency = (a: Decision, b: Decision): number =>
	Number(isDemanded(b)) - Number(isDemanded(a)) || (b.benefitMs ?? 0) - (a.benefitMs ?? 0) || compareCodes(a.partition, b.partition);
