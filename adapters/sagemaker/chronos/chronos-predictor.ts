import { InvokeEndpointCommand, ModelError, type SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { refine, refineOutlook } from "#adapters/sagemaker/chronos/refine.ts";
import { type Chunk, type ChunkLimits, chunksOf, historiesOf, type PartitionHistory } from "#adapters/sagemaker/chronos/series.ts";
import {
	type ChronosPrediction,
	chronosResponseSchema,
	isSensible,
	MAX_PREDICTION_LENGTH,
	RECOMMENDED_OBSERVATIONS,
} from "#adapters/sagemaker/chronos/wire.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { Clock } from "#domain/ports/clock.ts";
import type { Predictor } from "#domain/ports/predictor.ts";
import type { HourCount } from "#domain/prediction/feature-state.ts";
import type { ForecastRequest } from "#domain/prediction/forecast-request.ts";
import { hourOf } from "#domain/prediction/hours.ts";
import { LEAD_HOURS } from "#domain/prediction/settings.ts";

export interface ChronosSettings extends ChunkLimits {
	/** Hours of history sent: two weeks show a weekly rhythm twice. */
	readonly historyHours: number;
	/** Patience with one call; a container answers within 60 s or not at all. */
	readonly callTimeoutMs: number;
	/** Patience with all calls of one forecast together; what is left falls back. */
	readonly totalTimeoutMs: number;
}

export const CHRONOS_SETTINGS: ChronosSettings = {
	maxSeries: 500,
	maxBytes: 3_500_000,
	historyHours: 14 * 24,
	callTimeoutMs: 65_000,
	totalTimeoutMs: 180_000,
};

export interface ChronosPredictorOptions {
	readonly client: SageMakerRuntimeClient;
	readonly endpointName: string;
	/** Counts of these partitions in the closed range of hours, and possibly of others. */
	readonly history: (partitions: readonly PartitionId[], fromHour: number, throughHour: number) => Promise<readonly HourCount[]>;
	/** The pool: the ground that the endpoint's forecast is laid on, and what stands in for it. */
	readonly pool: Predictor;
	readonly clock: Clock;
	/** Told of every call that failed, wholly or for some partitions: why, and how many fall back. */
	readonly onFallback: (reason: string, partitions: number) => void;
	readonly settings?: ChronosSettings;
}

/** Why partitions have the pool's forecast alone; recorded in their vectors. */
const Fallback = {
	/** Younger than what the endpoint needs; not a failure. */
	ShortHistory: "short-history",
	Timeout: "endpoint-timeout",
	Unavailable: "endpoint-unavailable",
	Refused: "endpoint-refused",
	Nonsense: "endpoint-answered-nonsense",
} as const;
type Fallback = (typeof Fallback)[keyof typeof Fallback];

/**
 * A customer's own endpoint that speaks the Chronos-2 JumpStart JSON. It forecasts hourly accesses a partition and region; every failure
 * leaves the pool's forecast for the partitions concerned, and says so in their vectors. Throws only what the pool throws.
 */
export function createChronosPredictor(options: ChronosPredictorOptions): Predictor {
	return {
		async forecast(request) {
			const forecast = await options.pool.forecast(request);
			if (request.partitions.length === 0) return forecast;
			const outcomes = await ask(options, request);
			const vectors = forecast.vectors.map((vector) => {
				const outcome = outcomes.get(vector.partition) ?? Fallback.ShortHistory;
				return typeof outcome === "string" ? { ...vector, fallback: outcome } : refine(vector, outcome);
			});
			const outlooks = new Map(
				[...forecast.outlooks].map(([partition, outlook]) => {
					const outcome = outcomes.get(partition);
					return [partition, outcome instanceof Map ? refineOutlook(outlook, request.regions, outcome) : outlook];
				}),
			);
			return { ...forecast, vectors, outlooks };
		},
	};
}

/** What the endpoint says of a partition by region, or why it says nothing. */
type Outcome = ReadonlyMap<string, ChronosPrediction> | Fallback;

async function ask(options: ChronosPredictorOptions, request: ForecastRequest): Promise<ReadonlyMap<PartitionId, Outcome>> {
	const { clock, settings = CHRONOS_SETTINGS, onFallback } = options;
	const predictionLength = LEAD_HOURS + Math.max(...request.windowHours);
	const outcomes = new Map<PartitionId, Outcome>();
	const histories = (await readHistories(options, request, settings)).filter((history) => isLongEnough(history, request));
	const chunks = predictionLength > MAX_PREDICTION_LENGTH ? [] : chunksOf(histories, predictionLength, settings);
	const deadlineMs = clock.nowMs() + settings.totalTimeoutMs;
	for (const chunk of chunks) {
		const leftMs = Math.min(settings.callTimeoutMs, deadlineMs - clock.nowMs());
		const answer = leftMs > 0 ? await invoke(options, chunk, predictionLength, leftMs) : Fallback.Timeout;
		for (const { partition } of chunk.histories)
			outcomes.set(partition, typeof answer === "string" ? answer : (answer.get(partition) ?? Fallback.Nonsense));
		const failed = chunk.histories.map(({ partition }) => outcomes.get(partition)).filter((outcome) => typeof outcome === "string");
		if (failed[0] !== undefined) onFallback(failed[0], failed.length);
	}
	return outcomes;
}

async function readHistories(
	options: ChronosPredictorOptions,
	request: ForecastRequest,
	settings: ChronosSettings,
): Promise<readonly PartitionHistory[]> {
	const untilHour = hourOf(request.madeAtMs);
	const fromHour = untilHour - settings.historyHours;
	const partitions = request.partitions.map(({ partition }) => partition);
	const counts = await options.history(partitions, fromHour, untilHour - 1);
	return historiesOf(counts, partitions, request.regions, fromHour, untilHour);
}

const isLongEnough = ({ fromHour, byRegion }: PartitionHistory, { madeAtMs }: ForecastRequest): boolean =>
	byRegion.size > 0 && hourOf(madeAtMs) - fromHour >= RECOMMENDED_OBSERVATIONS;

type Answers = ReadonlyMap<PartitionId, Outcome>;

async function invoke(
	{ client, endpointName }: ChronosPredictorOptions,
	chunk: Chunk,
	predictionLength: number,
	timeoutMs: number,
): Promise<Answers | Fallback> {
	const command = new InvokeEndpointCommand({
		EndpointName: endpointName,
		ContentType: "application/json",
		Accept: "application/json",
		Body: JSON.stringify(chunk.request),
	});
	const abortSignal = AbortSignal.timeout(timeoutMs);
	try {
		const answer = await client.send(command, { abortSignal });
		return match(chunk, parse(answer.Body?.transformToString() ?? ""), predictionLength) ?? Fallback.Nonsense;
	} catch (error) {
		if (abortSignal.aborted) return Fallback.Timeout;
		return error instanceof ModelError && (error.OriginalStatusCode ?? 500) < 500 ? Fallback.Refused : Fallback.Unavailable;
	}
}

function parse(body: string): readonly ChronosPrediction[] {
	try {
		const parsed = chronosResponseSchema.safeParse(JSON.parse(body));
		return parsed.success ? parsed.data.predictions : [];
	} catch {
		return [];
	}
}

/**
 * The predictions by partition and region, in the order of the request; undefined when they are not what was asked for. A partition
 * with numbers that cannot be is left to the pool.
 */
function match(chunk: Chunk, predictions: readonly ChronosPrediction[], predictionLength: number): Answers | undefined {
	const { inputs } = chunk.request;
	const fits = predictions.every((prediction, index) => (prediction.item_id ?? inputs[index]?.item_id) === inputs[index]?.item_id);
	if (!fits || predictions.length !== inputs.length) return undefined;
	let at = 0;
	return new Map(
		chunk.histories.map(({ partition, byRegion }) => {
			const own = new Map([...byRegion.keys()].map((region) => [region as string, predictions[at++] as ChronosPrediction]));
			return [partition, [...own.values()].every((one) => isSensible(one, predictionLength)) ? own : Fallback.Nonsense];
		}),
	);
}
