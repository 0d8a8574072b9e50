import { OperatingError, UnavailableError } from "#domain/shared/errors.ts";
import { AdminProblem, type AdminRequest, type AdminResponse, problem } from "#lambdas/administer/http.ts";
import type { AdminPorts } from "#lambdas/administer/ports.ts";
import { dispatch } from "#lambdas/administer/router.ts";
import { CHANGE_ROUTES } from "#lambdas/administer/routes/changes.ts";
import { CURSOR_KEY_ROUTES } from "#lambdas/administer/routes/cursor-keys.ts";
import { DEPLOYMENT_ROUTES } from "#lambdas/administer/routes/deployment.ts";
import { EVENT_ROUTES } from "#lambdas/administer/routes/events.ts";
import { LOST_WRITE_ROUTES } from "#lambdas/administer/routes/lost-writes.ts";
import { MIGRATION_ROUTES } from "#lambdas/administer/routes/migrations.ts";
import { MODEL_ROUTES } from "#lambdas/administer/routes/models.ts";
import { ORPHAN_ROUTES } from "#lambdas/administer/routes/orphans.ts";
import { PARTITION_ROUTES } from "#lambdas/administer/routes/partitions.ts";
import { PREDICTION_ROUTES } from "#lambdas/administer/routes/predictions.ts";
import { PROMOTION_ROUTES } from "#lambdas/administer/routes/promotion.ts";
import { SAVINGS_ROUTES } from "#lambdas/administer/routes/savings.ts";

const ROUTES = [
	...PARTITION_ROUTES,
	...CHANGE_ROUTES,
	...CURSOR_KEY_ROUTES,
	...LOST_WRITE_ROUTES,
	...MIGRATION_ROUTES,
	...ORPHAN_ROUTES,
	...PROMOTION_ROUTES,
	...EVENT_ROUTES,
	...PREDICTION_ROUTES,
	...MODEL_ROUTES,
	...SAVINGS_ROUTES,
	...DEPLOYMENT_ROUTES,
];

/** Answers one request of the admin API. Never throws: `report` gets what was not expected. */
export async function administer(ports: AdminPorts, request: AdminRequest, report: (error: unknown) => void): Promise<AdminResponse> {
	try {
		return await dispatch(ROUTES, ports, request);
	} catch (error) {
		if (error instanceof AdminProblem) return problem(error.status, error.code, error.message, error.details);
		if (error instanceof UnavailableError) return problem(503, error.code, error.message);
		if (error instanceof OperatingError && error.code === "cursor.invalid") return problem(400, error.code, error.message);
		report(error);
		return problem(500, "internal", "something unexpected happened; the log says what");
	}
}
