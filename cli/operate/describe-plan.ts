import * as z from "zod";
import { formatDuration, plural } from "#cli/display/format.ts";
import { renderFields } from "#cli/operate/columns.ts";
import { type MigrationPlan, migrationPlanSchema, type PlanCost, SyncStrategy } from "#domain/migration/plan-schema.ts";

const savingSchema = z.looseObject({
	windowHours: z.number(),
	expectedAccesses: z.number(),
	meanNowMs: z.number(),
	meanAfterMs: z.number(),
});
const dryRunSchema = z.looseObject({ partition: z.string(), plan: z.unknown(), saving: savingSchema.optional() });

/** What a dry run answers: the plan, what it costs and what it is expected to save, a line each. Pure. */
export function describeDryRun(answer: unknown): readonly string[] {
	const parsed = dryRunSchema.safeParse(answer);
	if (!parsed.success) return renderFields({ answer });
	const { partition, plan, saving } = parsed.data;
	const fields = { ...fieldsOf(plan), saving: savingOf(saving) };
	return [`${partition}: nothing was started; this is what would be done`, ...renderFields(fields)];
}

/** A plan in words; as it is where a later version of the admin API has changed its form. Pure. */
export const describePlan = (plan: unknown): readonly string[] => renderFields(fieldsOf(plan));

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
	const parsed = migrationPlanSchema.safeParse(value);
	if (!parsed.success) return typeof value === "object" ? { ...value } : {};
	const plan = parsed.data;
	const { replicas } = plan;
	return {
		plan: plan.why,
		leader: change(replicas.leaderBefore, replicas.leaderAfter),
		followers: change(replicas.followersBefore.join(", "), replicas.followersAfter.join(", ")),
		copying: `${SYNC_WORDS[plan.sync]}, ${sizeOf(plan)}, ${plural(replicas.buckets, "bucket")}`,
		canary: canaryOf(plan),
		waits: `quiesce ${formatDuration(plan.quiesceSeconds)}, soak ${formatDuration(plan.soakSeconds)}`,
		...(plan.cost === undefined ? {} : costOf(plan.cost)),
		...(replicas.advice === undefined ? {} : { advice: replicas.advice.why.join("; ") }),
	};
}

const SYNC_WORDS: Readonly<Record<SyncStrategy, string>> = {
	[SyncStrategy.Full]: "everything",
	[SyncStrategy.Incremental]: "what the copy lacks",
	[SyncStrategy.None]: "nothing",
};

const change = (before: string, after: string): string =>
	before === after ? `${before || "none"}, as it is` : `${before || "none"} -> ${after || "none"}`;

const sizeOf = ({ size }: MigrationPlan): string =>
	size === undefined ? "size unknown" : `${plural(size.items, "item")}, ${bytes(size.bytes)}`;

function canaryOf({ traffic: { steps, abort } }: MigrationPlan): string {
	if (steps.length === 0) return "none";
	const climb = steps.map(({ weight, holdSeconds }) => `${percent(weight)} of clients for ${formatDuration(holdSeconds)}`).join(", ");
	const slow = `${abort.maxLatencyRatio} times the p99 of before and ${(abort.latencyAllowanceMs ?? 0).toFixed(0)} ms`;
	const limits = `errors over ${percent(abort.maxErrorShare)}, latency over ${slow}, answers that differ over ${abort.maxDivergences}`;
	return `${climb}; cancelled at ${limits}, staleness over ${formatDuration(abort.maxStalenessMs / 1000)}`;
}

const costOf = (cost: PlanCost): Readonly<Record<string, string>> => ({
	cost: `${dollars(cost.usd)}: ${plural(cost.writeUnits, "write unit")}, ${plural(cost.readUnits, "read unit")}, ${bytes(cost.transferBytes)} between regions${
		cost.basis === "measured" ? "" : "; without what copying costs, for the size is not known"
	}`,
	pause: `writes wait about ${cost.pauseMs.toFixed(0)} ms at the cutover`,
	takes: `about ${formatDuration(cost.durationSeconds)}`,
});

function savingOf(saving: z.infer<typeof savingSchema> | undefined): string {
	if (saving === undefined) return "not known: leadership stays, or there is no forecast of this partition yet";
	const { windowHours, expectedAccesses, meanNowMs, meanAfterMs } = saving;
	const words = meanAfterMs <= meanNowMs ? "less" : "MORE";
	const change = `${Math.abs(meanNowMs - meanAfterMs).toFixed(1)} ms ${words} an access (${meanNowMs.toFixed(1)} -> ${meanAfterMs.toFixed(1)})`;
	return `${change}, ${expectedAccesses.toFixed(1)} accesses expected in ${windowHours} h`;
}

const percent = (share: number): string => `${Number((share * 100).toFixed(2))} %`;

/** At most three figures, such as `27.6KB`. */
const bytes = (number: number): string =>
	new Intl.NumberFormat("en", {
		notation: "compact",
		style: "unit",
		unit: "byte",
		unitDisplay: "narrow",
		maximumSignificantDigits: 3,
	}).format(number);

const dollars = (usd: number): string => `$${usd >= 0.01 ? usd.toFixed(2) : usd.toPrecision(2)}`;
