import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { describe, expect, it } from "vitest";
import { createSageMakerPredictor, partsOf } from "#adapters/sagemaker/sagemaker-predictor.ts";
import { parentKeysOf } from "#domain/prediction/parent.ts";
import { DEFAULT_ARTEFACT } from "#predictor/models/default-artefact.ts";
import { forecast } from "#predictor/models/forecast.ts";
import { createModel } from "#predictor/models/registry.ts";
import { startAwsEndpoints } from "#test/integration/prediction/aws-endpoints.ts";
import { goldenRequest } from "#test/unit/predictor/golden-request.ts";
import { startServer } from "#test/unit/predictor/start-server.ts";

const golden = goldenRequest(50);

it("a request is cut into parts below the limit of a call, in order, each as full as it can be, with the parents that it needs", () => {
	const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
	const limit = bytesOf(golden.global) + 3 * (bytesOf(golden.partitions[0]) + bytesOf(golden.parents["prefix:team"]));
	const parts = partsOf(golden, limit);
	expect(parts.flatMap(({ partitions }) => partitions)).toEqual(golden.partitions);
	expect(parts.length).toBeGreaterThan(5);
	const whole = forecast(createModel(DEFAULT_ARTEFACT), golden);
	expect(parts.flatMap((part) => forecast(createModel(DEFAULT_ARTEFACT), part).vectors)).toEqual(whole.vectors);
	for (const { partitions, parents } of parts) {
		expect(bytesOf(partitions) + bytesOf(Object.entries(parents)) + bytesOf(golden.global)).toBeLessThanOrEqual(
			limit + 20 * partitions.length,
		);
		for (const key of Object.keys(golden.parents)) {
			const isNeeded = partitions.some(({ partition, state }) => parentKeysOf(partition, Object.keys(state.segments ?? {})).includes(key));
			expect([key, parents[key] !== undefined]).toEqual([key, isNeeded]);
		}
	}
	expect(partsOf(golden, 1).every(({ partitions }) => partitions.length === 1)).toBe(true);
	expect(partsOf({ ...golden, partitions: [] })).toEqual([]);
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
		await expect(predictorAt(aws.url).forecast({ ...request, windowHours: [25] })).rejects.toMatchObject({
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
