import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { describe, expect, it } from "vitest";
import { createSageMakerPredictor, partsOf } from "#adapters/sagemaker/sagemaker-predictor.ts";
import { DEFAULT_ARTEFACT } from "#predictor/models/default-artefact.ts";
import { forecast } from "#predictor/models/forecast.ts";
import { createModel } from "#predictor/models/registry.ts";
import { startAwsEndpoints } from "#test/integration/prediction/aws-endpoints.ts";
import { goldenRequest } from "#test/unit/predictor/golden-request.ts";
import { startServer } from "#test/unit/predictor/start-server.ts";

const features = goldenRequest(50).partitions;

it("a request is cut into parts below the limit of a call, in order, each as full as it can be", () => {
	const bytes = Buffer.byteLength(JSON.stringify(features[0])) + 200;
	const parts = partsOf(features, 3 * bytes);
	expect(parts.flat()).toEqual(features);
	expect(parts.length).toBeGreaterThan(10);
	for (const part of parts) expect(Buffer.byteLength(JSON.stringify(part))).toBeLessThanOrEqual(3 * bytes + 2);
	expect(partsOf(features, 1).every((part) => part.length === 1)).toBe(true);
	expect(partsOf([])).toEqual([]);
});

describe("through the SageMaker runtime", () => {
	const predictorAt = (endpoint: string) =>
		createSageMakerPredictor({
			client: new SageMakerRuntimeClient({
				region: "eu-west-1",
				endpoint,
				maxAttempts: 1,
				credentials: { accessKeyId: "k", secretAccessKey: "s" },
			}),
			endpointName: "model",
		});

	it("vectors equal those made in process, to the last bit", async () => {
		const server = await startServer(createModel(DEFAULT_ARTEFACT));
		const aws = await startAwsEndpoints("model", server.url);
		const request = goldenRequest(20);
		expect(await predictorAt(aws.url).forecast(request)).toEqual(forecast(createModel(DEFAULT_ARTEFACT), request));
		await expect(predictorAt(aws.url).forecast({ ...request, windowHours: [24] })).rejects.toMatchObject({
			code: "model.refused",
			retryable: false,
		});
		await Promise.all([aws.stop(), server.stop()]);
	});

	it("a model that is not there can be asked again", async () => {
		const aws = await startAwsEndpoints("model", "http://127.0.0.1:1");
		await expect(predictorAt(aws.url).forecast(goldenRequest(1))).rejects.toMatchObject({ name: "UnavailableError", retryable: true });
		await aws.stop();
	});
});
