import { InvokeEndpointCommand, ModelError, type SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { answerBytesOf, bytesOf } from "#adapters/sagemaker/answer-bytes.ts";
import type { Predictor } from "#domain/ports/predictor.ts";
import type { ParentState } from "#domain/prediction/feature-state.ts";
import {
	type Forecast,
	type ForecastRequest,
	forecastOf,
	forecastResponseSchema,
	type PartitionInput,
} from "#domain/prediction/forecast-request.ts";
import { parentKeysOf } from "#domain/prediction/parent.ts";
import { OperatingError, UnavailableError } from "#domain/shared/errors.ts";

/** A request body and its answer stay below the 4 MB of a serverless endpoint, with room for their frames. */
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
		const parts: Forecast[] = [];
		for (const part of partsOf(request)) parts.push(await invoke(client, endpointName, part));
		return {
			vectors: parts.flatMap(({ vectors }) => vectors),
			outlooks: new Map(parts.flatMap(({ outlooks }) => [...outlooks])),
		};
	},
});

/**
 * Consecutive parts of a request within the limits of one call, at least one partition each, with the parents that they need.
 *
 * @param maxBytes of a request, and of its answer by estimate
 */
export function partsOf(request: ForecastRequest, maxBytes = MAX_PARTITIONS_BYTES): readonly ForecastRequest[] {
	const parts: { readonly partitions: PartitionInput[]; readonly parents: Record<string, ParentState> }[] = [];
	const room = maxBytes - bytesOf(request.global ?? null);
	let bytes = Number.POSITIVE_INFINITY;
	let answerBytes = 0;
	for (const input of request.partitions) {
		const keys = parentKeysOf(input.partition, Object.keys(input.state.segments ?? {})).filter((key) => request.parents[key] !== undefined);
		const added = (known: Readonly<Record<string, ParentState>>): number =>
			keys.reduce((sum, key) => sum + (known[key] === undefined ? bytesOf([key, request.parents[key]]) : 0), bytesOf(input) + 1);
		const answered = answerBytesOf(input, request);
		const isFull = (parts.at(-1)?.partitions.length ?? 0) >= MAX_PARTITIONS || answerBytes + answered > maxBytes;
		if (isFull || bytes + added(parts.at(-1)?.parents ?? {}) > room) {
			parts.push({ partitions: [], parents: {} });
			bytes = 0;
			answerBytes = 0;
		}
		const part = parts.at(-1);
		bytes += added(part?.parents ?? {});
		answerBytes += answered;
		part?.partitions.push(input);
		for (const key of keys) if (part !== undefined) part.parents[key] = request.parents[key] as ParentState;
	}
	return parts.map((part) => ({ ...request, ...part }));
}

async function invoke(client: SageMakerRuntimeClient, endpointName: string, request: ForecastRequest): Promise<Forecast> {
	const body = await send(client, endpointName, JSON.stringify(request));
	const answer = parseAnswer(body);
	const { predictions } = answer;
	const expected = request.partitions.flatMap(({ partition }) => request.windowHours.map((hours) => `${partition}/${hours}`));
	const matches =
		predictions.length === expected.length && predictions.every((p, index) => `${p.partition}/${p.windowHours}` === expected[index]);
	if (!matches) throw new ModelRefusedError("the model's answer does not match the request, partition by partition", undefined);
	return forecastOf(answer, request.regions.length);
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
