import { walkIsDue } from "#domain/orphans/find-orphans.ts";
import type { Clock } from "#domain/ports/clock.ts";
import type { OrphanWork } from "#lambdas/shared/orphans.ts";

/** The time of day (UTC) whose run also walks the data tables: one look a day at whether a walk is due. */
const WALK_HOUR = 4;
const WALK_MINUTE = 30;
/** Below the function's timeout of 300 s together with recovery; what is left goes on the next day. */
const BUDGET_MS = 60_000;
const BUDGET_PAGES = 500;
/** Lines of one run; the list has them all. */
const MAX_LINES = 50;

/** The stable code of the line for each orphan; an alarm matches it with `{ $.code = "orphan.found" }`. */
export const ORPHAN_CODE = "orphan.found";

/** @param scheduledTime ISO 8601, as the schedule says it: however often recovery runs, this minute of an hour is among its times */
export function isWalkTime(scheduledTime: string | undefined): boolean {
	if (scheduledTime === undefined) return false;
	const time = new Date(scheduledTime);
	return time.getUTCHours() === WALK_HOUR && time.getUTCMinutes() === WALK_MINUTE;
}

/** Goes on with a walk, or begins the weekly one; logs what it finds. */
export async function walkOrphans(
	work: Pick<OrphanWork, "store" | "find">,
	clock: Pick<Clock, "nowMs">,
	log: (line: Readonly<Record<string, unknown>>) => void,
): Promise<void> {
	const nowMs = clock.nowMs();
	if (!walkIsDue(await work.store.readWalks(), nowMs)) return;
	const { found } = await work.find({ untilMs: nowMs + BUDGET_MS, pages: BUDGET_PAGES });
	for (const orphan of found.slice(0, MAX_LINES)) log({ level: "warn", code: ORPHAN_CODE, ...orphan });
}
