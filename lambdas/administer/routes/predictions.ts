import { findRecord } from "#lambdas/administer/find-record.ts";
import { AdminProblem, type AdminRequest, type AdminResponse, answer, parseQuery } from "#lambdas/administer/http.ts";
import type { AdminPorts } from "#lambdas/administer/ports.ts";
import type { PathParameters, Route } from "#lambdas/administer/router.ts";
import { partitionsQuery, readPage } from "#lambdas/administer/routes/list-partitions.ts";

/** `GET predictions?home=&phase=&prefix=&cursor=&limit=`: forecasts of a page of partitions; those that have none are left out. */
async function listPredictions(ports: AdminPorts, request: AdminRequest): Promise<AdminResponse> {
	const { records, cursor } = await readPage(ports.metadata, parseQuery(request, partitionsQuery));
	const partitions = records.map(({ partition }) => partition);
	const known = await ports.predictions(partitions);
	const shown = partitions.flatMap((partition) => {
		const predictions = known.get(partition) ?? [];
		return predictions.length === 0 ? [] : [{ partition, predictions }];
	});
	return answer(200, { predictions: shown, ...(cursor === undefined ? {} : { cursor }) });
}

async function showPrediction(ports: AdminPorts, _request: AdminRequest, parameters: PathParameters): Promise<AdminResponse> {
	const { partition } = await findRecord(ports, parameters);
	const predictions = (await ports.predictions([partition])).get(partition) ?? [];
	if (predictions.length === 0) throw new AdminProblem(404, "prediction.none", `there is no forecast of ${partition} yet`);
	return answer(200, { partition, predictions });
}

/** Forecasts that are stored. */
export const PREDICTION_ROUTES: readonly Route[] = [
	{ method: "GET", pattern: "predictions", handle: listPredictions },
	{ method: "GET", pattern: "partitions/:partition/prediction", handle: showPrediction },
];
