#!/usr/bin/env node
import type { AddressInfo } from "node:net";
import { OperatingError } from "#domain/shared/errors.ts";
import type { Model } from "#predictor/models/model.ts";
import { DEFAULT_MODEL_DIR, loadModel } from "#predictor/serving/load-model.ts";
import { createModelServer } from "#predictor/serving/server.ts";

const DEFAULT_PORT = 8080;
/** SageMaker kills a container 30 s after SIGTERM; what has not been answered by then never is. */
const DRAIN_LIMIT_MS = 20_000;

if (process.argv[2] !== "serve") fail(`usage: ${process.argv[1]} serve`);

let loaded: Model | undefined;
const server = createModelServer(() => loaded);
server.on("error", (error) => fail(`cannot listen: ${error.message}`));
server.listen(Number(process.env["SAGEMAKER_BIND_TO_PORT"] ?? DEFAULT_PORT), listenHost(), () => {
	try {
		const { model, source } = loadModel(process.env["SM_MODEL_DIR"] ?? DEFAULT_MODEL_DIR);
		loaded = model;
		console.log(`model ${source} ready on port ${(server.address() as AddressInfo).port}`);
	} catch (error) {
		if (!(error instanceof OperatingError)) throw error;
		fail(error.message);
	}
});
process.once("SIGTERM", stop);
process.once("SIGINT", stop);

/** Answers what is under way, takes nothing new, ends. */
function stop(): void {
	server.close(() => process.exit(0));
	server.closeIdleConnections();
	setTimeout(() => process.exit(0), DRAIN_LIMIT_MS).unref();
}

/** All interfaces in a container, where the platform connects from outside; `HELIOTROPE_MODEL_HOST` narrows it. */
function listenHost(): string {
	return process.env["HELIOTROPE_MODEL_HOST"] ?? "0.0.0.0";
}

function fail(message: string): never {
	console.error(message);
	process.exit(1);
}
