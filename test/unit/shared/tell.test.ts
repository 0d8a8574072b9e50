import { Metrics } from "@aws-lambda-powertools/metrics";
import { afterEach, expect, test, vi } from "vitest";
import { metricNamespace, Told } from "#infra/description/told-metrics.ts";
import { tellScore } from "#lambdas/predict-placement/tell-score.ts";
import { MetricUnit, tell } from "#lambdas/shared/tell.ts";

interface EmbeddedMetric {
	readonly _aws: {
		readonly CloudWatchMetrics: readonly {
			readonly Namespace: string;
			readonly Dimensions: readonly (readonly string[])[];
			readonly Metrics: readonly { readonly Name: string }[];
		}[];
	};
	readonly [field: string]: unknown;
}

afterEach(() => vi.restoreAllMocks());

function capture(): EmbeddedMetric[] {
	const lines: EmbeddedMetric[] = [];
	vi.spyOn(console, "log").mockImplementation((text) => void lines.push(JSON.parse(String(text))));
	vi.spyOn(process.stdout, "write").mockImplementation((text) => {
		lines.push(JSON.parse(String(text)));
		return true;
	});
	return lines;
}

/** The series a line is in, as the dashboard names series. */
const seriesOf = (line: EmbeddedMetric) => {
	const [directive] = line._aws.CloudWatchMetrics;
	const dimensions = Object.fromEntries((directive?.Dimensions[0] ?? []).map((name) => [name, line[name]]));
	return (directive?.Metrics ?? []).map(({ Name: name }) => ({ namespace: directive?.Namespace, name, dimensions }));
};

test("a value is one line, in the series that the dashboard reads", () => {
	const lines = capture();
	tell(Told.WritePause, MetricUnit.Milliseconds, 41);
	expect(lines.flatMap(seriesOf)).toEqual([
		{ namespace: "Heliotrope/unnamed", name: "WritePauseMs", dimensions: Told.WritePause.dimensions },
	]);
	expect(lines[0]).toMatchObject({ WritePauseMs: 41 });
});

test("a shard tells all that calibration and drift are made of, and nothing where nothing came", () => {
	const metrics = new Metrics({ namespace: metricNamespace("unnamed"), serviceName: "predict-placement" });
	const lines = capture();
	tellScore(metrics, { accesses: 0, logLoss: 0, entropy: 0, confidence: 0, hits: 0 });
	expect(metrics.hasStoredMetrics()).toBe(false);
	tellScore(metrics, { accesses: 4, logLoss: 3, entropy: 2, confidence: 1.5, hits: 1 });
	metrics.publishStoredMetrics();
	const { ForecastsScored, ForecastLogLoss, ForecastEntropy, ForecastConfidence, ForecastHits } = Told;
	const wanted = [ForecastsScored, ForecastLogLoss, ForecastEntropy, ForecastConfidence, ForecastHits];
	expect(lines.flatMap(seriesOf)).toEqual(wanted.map(({ name, dimensions }) => ({ namespace: "Heliotrope/unnamed", name, dimensions })));
	expect(lines[0]).toMatchObject({ AccessesScored: 4, ForecastLogLoss: 3, ForecastEntropy: 2, ForecastConfidence: 1.5, ForecastHits: 1 });
});
