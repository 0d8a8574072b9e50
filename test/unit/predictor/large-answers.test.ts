import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { afterEach, expect, it } from "vitest";
import { createSageMakerPredictor } from "#adapters/sagemaker/sagemaker-predictor.ts";
import { REGIONS } from "#domain/geography/regions.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { ForecastRequest } from "#domain/prediction/forecast-request.ts";
import { DEFAULT_ARTEFACT } from "#predictor/models/default-artefact.ts";
import { createModel } from "#predictor/models/registry.ts";
import { MAX_BODY_BYTES } from "#predictor/serving/server.ts";
import { startAwsEndpoints } from "#test/integration/prediction/aws-endpoints.ts";
import { goldenRequest } from "#test/unit/predictor/golden-request.ts";
import { startServer } from "#test/unit/predictor/start-server.ts";

/** A small request whose answer is larger than a serverless endpoint passes on. */
const golden = goldenRequest(2);
const request: ForecastRequest = {
	...golden,
	regions: REGIONS.slice(0, 12).map(({ id }) => id),
	partitions: Array.from({ length: 1500 }, (_, index) => ({
		partition: partitionId(`p${index}`),
		state: golden.partitions[index % 2]?.state ?? (undefined as never),
	})),
};

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const stop of stops.splice(0).reverse()) await stop();
});

async function predictorOf(modelUrl: string) {
	const aws = await startAwsEndpoints("model", modelUrl);
	const credentials = { accessKeyId: "k", secretAccessKey: "s" };
	const client = new SageMakerRuntimeClient({ region: "eu-west-1", endpoint: aws.url, maxAttempts: 1, credentials });
	stops.push(aws.stop, async () => client.destroy());
	return createSageMakerPredictor({ client, endpointName: "model" });
}

it("the container refuses to answer more than a serverless endpoint passes on; asked in parts it answers all", async () => {
	const server = await startServer(createModel(DEFAULT_ARTEFACT));
	stops.push(server.stop);
	const body = JSON.stringify(request);
	expect(Buffer.byteLength(body)).toBeLessThan(MAX_BODY_BYTES);
	const answer = await fetch(`${server.url}/invocations`, { method: "POST", headers: { "content-type": "application/json" }, body });
	expect([answer.status, await answer.json()]).toMatchObject([413, { code: "answer.too-large" }]);
	const { vectors } = await (await predictorOf(server.url)).forecast(request);
	expect(vectors).toHaveLength(1500 * 3);
});

it("a container that answers more nonetheless is refused by the endpoint before it, which a retry does not help", async () => {
	const server = createServer((_, response) => response.end(`"${"x".repeat(MAX_BODY_BYTES)}"`)).listen(0, "127.0.0.1");
	await once(server, "listening");
	stops.push(async () => server.close());
	const predictor = await predictorOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
	await expect(predictor.forecast(goldenRequest(1))).rejects.toMatchObject({
		code: "model.refused",
		message: expect.stringContaining("more than the 4 MB"),
	});
});
