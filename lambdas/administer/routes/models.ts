import * as z from "zod";
import { type AdminRequest, type AdminResponse, answer, parseQuery } from "#lambdas/administer/http.ts";
import type { AdminPorts } from "#lambdas/administer/ports.ts";
import type { Route } from "#lambdas/administer/router.ts";

const listQuery = z.strictObject({ limit: z.coerce.number().int().min(1).max(500).default(20) });
/** The model that came with the release, which nobody promoted. */
const BUILT_IN = "built-in";

/** `GET predictions/models`: which model is in use, and what retrainings came to, newest first. */
async function listModels(ports: AdminPorts, request: AdminRequest): Promise<AdminResponse> {
	const { limit } = parseQuery(request, listQuery);
	const [inUse, models] = await Promise.all([ports.models.readInUse(), ports.models.list(limit)]);
	return answer(200, { inUse: inUse ?? { name: BUILT_IN }, models });
}

/** Models of the forecast. */
export const MODEL_ROUTES: readonly Route[] = [{ method: "GET", pattern: "predictions/models", handle: listModels }];
