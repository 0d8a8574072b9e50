import type { ReplayResult } from "#replay/result/replay-result.ts";
import { formatDay } from "#replay/result/words.ts";

/** A line where the model was trained on part of what is scored; undefined where it was not. */
export function describeOverlap({ settings: { model }, span }: Pick<ReplayResult, "settings" | "span">): string | undefined {
	if (model?.trained === undefined) return undefined;
	const [fromMs, toMs] = [Date.parse(model.trained.from), Date.parse(model.trained.to)];
	if (toMs <= span.scoredFromMs || fromMs >= span.toMs) return undefined;
	return `the model ${model.name} was trained on accesses until ${formatDay(toMs)}, after ${formatDay(span.scoredFromMs)}: part of what is scored is what it has learnt, which flatters predictive`;
}
