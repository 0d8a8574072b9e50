import {
	type listOpen,
	type ReturnDeps,
	type ReturnReport,
	type ReturnStep,
	returnCopies,
} from "#domain/migration/promotion/return-copies.ts";

/** Below the function's timeout of 300 s, together with recovery before and the walk for orphans after it. */
const BUDGET_MS = 45_000;

/** The stable code of the line for a copy whose losses are kept; an alarm matches it with `{ $.code = "promotion.losses-kept" }`. */
export const LOSSES_CODE = "promotion.losses-kept";

/** Brings to an end what promotions have left open; one line a step. With nothing open it is one query. */
export async function returnAndLog(
	deps: ReturnDeps,
	listed: ReturnType<typeof listOpen>,
	log: (line: Readonly<Record<string, unknown>>) => void,
): Promise<ReturnReport> {
	const report = await returnCopies(deps, deps.clock.nowMs() + BUDGET_MS, listed);
	for (const step of report.steps) log(lineOf(step));
	if (report.away.length > 0) log({ level: "info", event: "promotion.away", regions: report.away });
	return report;
}

const lineOf = ({ kind, ...step }: ReturnStep): Readonly<Record<string, unknown>> => ({
	level: "info",
	event: `promotion.${kind}`,
	...step,
	...("losses" in step && step.losses > 0 && { level: "warn", code: LOSSES_CODE }),
});
