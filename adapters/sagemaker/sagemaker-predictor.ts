import { InvokeEndpointCommand, ModelError, type SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import type { Predictor } from "#domain/ports/predictor.ts";
import { type ForecastRequest, forecastResponseSchema, type PartitionFeatures } from "#domain/prediction/forecast-request.ts";
import type { PredictionVector } from "#domain/prediction/prediction-vector.ts";
import { OperatingError, UnavailableError } from "#domain/shared/errors.ts";

/** A request body stays below the 4 MB of a serverless endpoint with room for its frame. */
const MAX_PARTITIONS_BYTES = 3_500_000;
/** A container answers within 60 s or not at all; so many partitions take it far less. */
const MAX_PARTITIONS = 2000;

/** The model refused a request or answered what is no forecast. A retry does not help. */
export class ModelRefusedError extends OperatingError {
	override name = "ModelRefusedError";
	constructor(message: string, cause: unknown) {
		super(message, { code: "model.refused", retryable: false, cause });
	}
}

export interface SageMakerPredictorOptions {
	readonly client: SageMakerRuntimeClient;
	readonly endpointName: string;
}

/** The model behind a SageMaker endpoint. Large requests go in parts. */
export const createSageMakerPredictor = ({ client, endpointName }: SageMakerPredictorOptions): Predictor => ({
	async forecast(request) {
		const vectors: PredictionVector[] = [];
		for (const partitions of partsOf(request.partitions)) vectors.push(...(await invoke(client, endpointName, { ...request, partitions })));
		return vectors;
	},
});

/** Consecutive parts within the limits of one call, at least one partition each. */
export function partsOf(
	partitions: readonly PartitionFeatures[],
	maxBytes = MAX_PARTITIONS_BYTES,
): readonly (readonly PartitionFeatures[])[] {
	const parts: PartitionFeatures[][] = [];
	let bytes = Number.POSITIVE_INFINITY;
	for (const features of partitions) {
		const size = Buffer.byteLength(JSON.stringify(features)) + 1;
		if (bytes + size > maxBytes || (parts.at(-1)?.length ?? 0) >= MAX_PARTITIONS) {
			parts.push([]);
			bytes = 0;
		}
		parts.at(-1)?.push(features);
		bytes += size;
	}
	return parts;
}

async function invoke(
	client: SageMakerRuntimeClient,
	endpointName: string,
	request: ForecastRequest,
): Promise<readonly PredictionVector[]> {
	const body = await send(client, endpointName, JSON.stringify(request));
	const { predictions } = parseAnswer(body);
	const expected = request.partitions.flatMap(({ partition }) => request.windowHours.map((hours) => `${partition}/${hours}`));
	const matches =
		predictions.length === expected.length && predictions.every((p, index) => `${p.partition}/${p.windowHours}` === expected[index]);
	if (!matches) throw new ModelRefusedError("the model's answer does not match the request, partition by partition", undefined);
	return predictions;
}

async function send(client: SageMakerRuntimeClient, endpointName: string, body: string): Promise<string> {
	const command = new InvokeEndpointCommand({
		EndpointName: endpointName,
		ContentType: "application/json",
		Accept: "application/json",
		Body: body,
	});
	try {
		const answer = await client.send(command);
		return answer.Body?.transformToString() ?? "";
	} catch (error) {
		throw translate(error, endpointName);
	}
}

const DEFECTS = new Set(["ValidationError", "ValidationException", "AccessDeniedException"]);

function translate(error: unknown, endpointName: string): unknown {
	if (error instanceof ModelError && (error.OriginalStatusCode ?? 500) < 500) {
		return new ModelRefusedError(`the model refused the request: ${error.OriginalMessage ?? error.message}`, error);
	}
	if (error instanceof Error && DEFECTS.has(error.name)) return error;
	return new UnavailableError(`the endpoint ${endpointName} does not answer`, { code: "model.unavailable", cause: error });
}

function parseAnswer(body: string) {
	try {
		return forecastResponseSchema.parse(JSON.parse(body));
	} catch (cause) {
		throw new ModelRefusedError("the model's answer is no forecast", cause);
	}
}
