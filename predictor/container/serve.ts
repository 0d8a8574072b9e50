import type { AddressInfo } from "node:net";
import { OperatingError } from "#domain/shared/errors.ts";
import type { MlPaths } from "#predictor/container/ml-paths.ts";
import type { Model } from "#predictor/models/model.ts";
import { createModel } from "#predictor/models/registry.ts";
import { drainable } from "#predictor/serving/drain.ts";
import { loadArtefact } from "#predictor/serving/load-model.ts";
import { createModelServer } from "#predictor/serving/server.ts";

const DEFAULT_PORT = 8080;
const MAX_PORT = 65_535;
/** SageMaker kills a container 30 s after SIGTERM; what has not been answered by then never is. */
const DRAIN_LIMIT_MS = 20_000;

/**
 * Serves the model of `paths.model` until SIGTERM. The port is open before the model is loaded, and `/ping` says 503 until then; a model
 * that cannot be served ends the process with 1 and one line.
 *
 * @param environment `SAGEMAKER_BIND_TO_PORT` for another port than 8080, `HELIOTROPE_MODEL_HOST` for one interface instead of all
 */
export function serve(paths: MlPaths, environment: Readonly<Record<string, string | undefined>>): void {
	let loaded: Model | undefined;
	const server = createModelServer(() => loaded);
	const drain = drainable(server);
	server.on("error", (error) => fail(`cannot listen: ${error.message}`));
	server.listen(portOf(environment["SAGEMAKER_BIND_TO_PORT"]), environment["HELIOTROPE_MODEL_HOST"] ?? "0.0.0.0", () => {
		try {
			const artefact = loadArtefact(paths.model);
			loaded = createModel(artefact.parameters);
			console.log(`model ${artefact.name} (${artefact.parameters.model}) ready on port ${(server.address() as AddressInfo).port}`);
		} catch (error) {
			if (!(error instanceof OperatingError)) throw error;
			fail(error.message);
		}
	});
	let isStopping = false;
	/** Answers what is under way, takes nothing new, ends. */
	const stop = (): void => {
		if (isStopping) return;
		isStopping = true;
		void drain().then(() => process.exit(0));
		setTimeout(() => process.exit(0), DRAIN_LIMIT_MS).unref();
	};
	process.on("SIGTERM", stop);
	process.on("SIGINT", stop);
}

/** 0 stands for any that is free. */
function portOf(text = String(DEFAULT_PORT)): number {
	return /^\d{1,5}$/.test(text) && Number(text) <= MAX_PORT ? Number(text) : fail(`SAGEMAKER_BIND_TO_PORT is no port: ${text}`);
}

function fail(message: string): never {
	console.error(message);
	process.exit(1);
}
