import type { ReplayResult } from "#replay/result/replay-result.ts";
import { formatDay } from "#replay/result/words.ts";

/** A line where the model was trained on part of what is scored; undefined where it was not. */
export function describeOverlap({ settings: { model }, span }: Pick<ReplayResult, "settings" | "span">): string | undefined {
	if (model?.trained === undefined) return undefined;
	const [fromMs, toMs] = [Date.parse(model.trained.from), Date.parse(model.trained.to)];
	if (toMs <= span.scoredFromMs || fromMs >= span.toMs) return undefined;
	return `the model "${model.name}" learnt from accesses until ${formatDay(toMs)}, after ${formatDay(span.scoredFromMs)}: it knows part of what is scored, which flatters predictive`;
}
