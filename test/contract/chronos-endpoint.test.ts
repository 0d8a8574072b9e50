import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CHRONOS_SETTINGS, createChronosPredictor } from "#adapters/sagemaker/chronos/chronos-predictor.ts";
import { chunksOf, historiesOf } from "#adapters/sagemaker/chronos/series.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { HourCount } from "#domain/prediction/feature-state.ts";
import type { ForecastRequest } from "#domain/prediction/forecast-request.ts";
import { hourOf } from "#domain/prediction/hours.ts";
import { predictionVectorSchema } from "#domain/prediction/prediction-vector.ts";
import { DEFAULT_ARTEFACT } from "#predictor/models/default-artefact.ts";
import { forecast } from "#predictor/models/forecast.ts";
import { createModel } from "#predictor/models/registry.ts";
import { type ChronosContainer, startChronosContainer } from "#test/__helpers__/chronos-container.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";
import { type AwsEndpoints, startAwsEndpoints } from "#test/integration/prediction/aws-endpoints.ts";
import { goldenRequest } from "#test/unit/predictor/golden-request.ts";

const NAMES = ["p0", "p1", "p2", "p3"].map(partitionId);
const golden = goldenRequest(4);
const request: ForecastRequest = {
	...golden,
	partitions: golden.partitions.map(({ state }, index) => ({ partition: NAMES[index] ?? partitionId("none"), state })),
};
const NOW_HOUR = hourOf(request.madeAtMs);
const [VIRGINIA, IRELAND, TOKYO] = request.regions;

/** `count` accesses in each of the last `hours` hours. */
const steady = (partition: string, region: string | undefined, count: number, hours: number): readonly HourCount[] =>
	Array.from({ length: hours }, (_, index) => ({
		partition,
		region: region ?? "",
		segment: "",
		hour: NOW_HOUR - 1 - index,
		reportHour: NOW_HOUR - 1 - index,
		count,
	}));
const counts: readonly HourCount[] = [
	...steady("p0", TOKYO, 6, 100),
	...steady("p0", IRELAND, 2, 100),
	...steady("p1", VIRGINIA, 1, 400),
	...steady("p2", TOKYO, 5, 10),
	...steady("p3", "eu-south-2", 5, 100),
	...steady("stranger", TOKYO, 5, 100),
];
const poolForecast = forecast(createModel(DEFAULT_ARTEFACT), request);
const poolVectors = poolForecast.vectors;

describe("an endpoint that speaks the Chronos-2 JumpStart JSON", () => {
	let container: ChronosContainer;
	let aws: AwsEndpoints;
	let fallbacks: string[];
	beforeAll(async () => {
		container = await startChronosContainer();
		aws = await startAwsEndpoints("chronos", container.url);
	});
	afterAll(() => Promise.all([container.stop(), aws.stop()]));
	beforeEach(() => {
		fallbacks = [];
	});
	afterEach(() => {
		container.calls.length = 0;
		container.misbehave.length = 0;
	});

	const ask = async (settings: Partial<typeof CHRONOS_SETTINGS> = {}, history = counts, endpoint = aws.url) => {
		const client = new SageMakerRuntimeClient({
			region: "eu-west-1",
			endpoint,
			maxAttempts: 1,
			credentials: { accessKeyId: "k", secretAccessKey: "s" },
		});
		const predictor = createChronosPredictor({
			client,
			endpointName: "chronos",
			history: async () => history,
			pool: { forecast: async () => poolForecast },
			clock: new ManualClock(request.madeAtMs),
			onFallback: (reason, partitions) => fallbacks.push(`${reason}: ${partitions}`),
			settings: { ...CHRONOS_SETTINGS, ...settings },
		});
		const { vectors, outlooks } = await predictor.forecast(request);
		expect([...outlooks.keys()]).toEqual([...poolForecast.outlooks.keys()]);
		client.destroy();
		for (const vector of vectors) expect(predictionVectorSchema.safeParse(vector).error).toBeUndefined();
		return {
			vectors,
			outlooks,
			of: (name: string, hours = 6) => vectors.find((one) => one.partition === name && one.windowHours === hours),
		};
	};

	it("forecasts regions and volume with an interval, and leaves partitions it cannot know to the pool", async () => {
		const { vectors, outlooks, of } = await ask();
		expect(vectors.map(({ partition, windowHours }) => `${partition}/${windowHours}`)).toEqual(
			poolVectors.map(({ partition, windowHours }) => `${partition}/${windowHours}`),
		);
		expect(of("p0")?.expectedAccesses).toBeCloseTo(48, 9);
		expect(of("p0", 168)?.expectedAccesses).toBeCloseTo(168 * 8, 6);
		expect(of("p0")?.probabilities[2]).toBeCloseTo(0.75, 1);
		const [low = 0, high = 0] = of("p0")?.accessesInterval ?? [];
		expect(low).toBeLessThan(48);
		expect(high).toBeGreaterThan(48);
		// leaders are planned by its hours as well
		expect(outlooks.get(partitionId("p0"))?.accesses.reduce((sum, value) => sum + value, 0)).toBeCloseTo(24 * 8, 3);
		expect(outlooks.get(partitionId("p2"))).toEqual(poolForecast.outlooks.get(partitionId("p2")));
		// ten hours of history, and accesses only from a region that is not deployed
		for (const name of ["p2", "p3"]) {
			expect(of(name)).toEqual({ ...poolVectors.find((one) => one.partition === name), fallback: "short-history" });
		}
		expect(of("p0")?.fallback).toBeUndefined();
		expect(container.calls).toMatchObject([{ series: 3, length: 169 }]);
		expect(fallbacks).toEqual([]);
	});

	it("is asked in parts within its limits, a partition never cut", async () => {
		const whole = await ask();
		container.calls.length = 0;
		const parts = await ask({ maxSeries: 2 });
		expect(container.calls.map(({ series }) => series)).toEqual([2, 1]);
		expect(parts.vectors).toEqual(whole.vectors);
		await ask({ maxBytes: 1 });
		for (const { series } of container.calls) expect(series).toBeLessThanOrEqual(1000);
	});

	it.each([
		["refuses the request", { status: 400, body: '{"error":"each series must have at least 5 observations"}' }, "endpoint-refused"],
		["fails", { status: 500, body: "CUDA out of memory" }, "endpoint-unavailable"],
		["answers no JSON", { status: 200, body: "<html>" }, "endpoint-answered-nonsense"],
		["answers too few series", { status: 200, body: '{"predictions":[]}' }, "endpoint-answered-nonsense"],
		[
			"answers too few hours",
			{ status: 200, body: JSON.stringify({ predictions: Array(3).fill({ mean: [1], "0.1": [1], "0.5": [1], "0.9": [1] }) }) },
			"endpoint-answered-nonsense",
		],
		[
			"answers numbers that are none",
			{ status: 200, body: '{"predictions":[{"mean":[null],"0.1":[1],"0.5":[1],"0.9":[1]}]}' },
			"endpoint-answered-nonsense",
		],
	])("that %s leaves the pool's forecast, which says so", async (_, planned, reason) => {
		container.misbehave.push(planned);
		const { of } = await ask();
		expect(of("p0")).toEqual({ ...poolVectors[0], fallback: reason });
		expect(fallbacks).toEqual([`${reason}: 2`]);
	});

	const HOURS = 169;
	const sensible = { mean: Array(HOURS).fill(1), "0.1": Array(HOURS).fill(0.5), "0.9": Array(HOURS).fill(2) };
	const withLast = (values: readonly number[], last: number) => values.with(-1, last);

	it.each([
		["more accesses than there are", { mean: withLast(sensible.mean, 1e308) }],
		["a quantile of as many", { "0.9": withLast(sensible["0.9"], 1e200) }],
		["fewer than none", { "0.1": withLast(sensible["0.1"], -1e200) }],
		["quantiles that cross", { "0.1": withLast(sensible["0.1"], 3) }],
		["more hours than were asked for", { mean: [...sensible.mean, 1] }],
		["fewer hours of a quantile", { "0.9": sensible["0.9"].slice(1) }],
	])("that answers %s leaves the pool's forecast to the partition concerned", async (_, wrong) => {
		container.misbehave.push({ status: 200, body: JSON.stringify({ predictions: [sensible, sensible, { ...sensible, ...wrong }] }) });
		const { of } = await ask();
		expect(of("p0")?.fallback).toBeUndefined();
		expect(of("p0")?.expectedAccesses).toBe(12);
		expect(of("p1", 168)).toEqual({
			...poolVectors.find((one) => one.partition === "p1" && one.windowHours === 168),
			fallback: "endpoint-answered-nonsense",
		});
		expect(fallbacks).toEqual(["endpoint-answered-nonsense: 1"]);
	});

	it("is asked for so much that an answer of the longest numbers still passes a serverless endpoint", async () => {
		const names = Array.from({ length: 400 }, (_, index) => partitionId(`partition-${index}`));
		const history = names.flatMap((name) => [...steady(name, TOKYO, 6, 40), ...steady(name, IRELAND, 2, 40)]);
		const histories = historiesOf(history, names, request.regions, NOW_HOUR - 40, NOW_HOUR);
		const chunks = chunksOf(histories, HOURS, CHRONOS_SETTINGS);
		expect(chunks.flatMap((chunk) => chunk.histories.map(({ partition }) => partition))).toEqual(names);
		const longest = `[${Array(HOURS).fill("-1.2345678901234567e-105").join(", ")}]`;
		for (const { request: asked } of chunks) {
			const levels = asked.parameters.quantile_levels.map((level) => `"${level}": ${longest}`);
			const series = asked.inputs.map(
				(one) => `{"mean": ${longest}, ${levels.join(", ")}, "item_id": "${one.item_id}", "start": "${one.start}"}`,
			);
			expect(Buffer.byteLength(`{"predictions": [${series.join(", ")}]}`)).toBeLessThan(4 * 1024 * 1024);
		}
	});

	it("that is slow, or not there at all, leaves the pool's forecast", async () => {
		container.misbehave.push("silence");
		expect((await ask({ callTimeoutMs: 150 })).of("p0")?.fallback).toBe("endpoint-timeout");
		expect((await ask({ totalTimeoutMs: 0 })).of("p0")?.fallback).toBe("endpoint-timeout");
		expect((await ask({}, counts, "http://127.0.0.1:1")).of("p0")?.fallback).toBe("endpoint-unavailable");
	});

	it("that fails for one part forecasts the others", async () => {
		container.misbehave.push({ status: 500, body: "" });
		const { of } = await ask({ maxSeries: 2 });
		expect(of("p0")?.fallback).toBe("endpoint-unavailable");
		expect(of("p1")?.fallback).toBeUndefined();
		expect(NAMES).toContain(of("p1")?.partition);
	});
});

it("the container refuses what the JumpStart container refuses", async () => {
	const container = await startChronosContainer();
	const post = async (body: unknown) =>
		(await fetch(`${container.url}/invocations`, { method: "POST", body: JSON.stringify(body) })).status;
	const parameters = { prediction_length: 6, quantile_levels: [0.5], freq: "1h" };
	const start = "2024-01-01T00:00:00";
	expect(await post({ inputs: [{ target: [1, 2, 3, 4, 5], start }], parameters })).toBe(200);
	expect(await post({ inputs: [{ target: [1, 2, 3, 4], start }], parameters })).toBe(400);
	expect(await post({ inputs: [{ target: [1, 2, 3, 4, 5] }], parameters })).toBe(400);
	expect(await post({ inputs: [{ target: [1, 2, 3, 4, 5], start }], parameters: { ...parameters, prediction_length: 1025 } })).toBe(400);
	expect(await post({ inputs: Array(1001).fill({ target: [1, 2, 3, 4, 5], start }), parameters })).toBe(400);
	await container.stop();
});
