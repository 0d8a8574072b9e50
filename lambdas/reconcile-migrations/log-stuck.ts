import type { ReconcileReport } from "#domain/migration/reconcile.ts";

/** The stable code of the line; an alarm matches it with the metric filter pattern `{ $.code = "migration.stuck" }`. */
export const STUCK_CODE = "migration.stuck";

/** One error line for each migration whose executions keep failing, at every run of recovery until it gets on. */
export function logStuck({ stuck }: ReconcileReport, log: (line: Readonly<Record<string, unknown>>) => void): void {
	for (const migration of stuck) log({ level: "error", code: STUCK_CODE, ...migration });
}
