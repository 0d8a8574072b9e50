import { Duration } from "aws-cdk-lib";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import type { IConstruct } from "constructs";
import { stateMachineArn } from "#infra/constructs/arns.ts";
import { modelEndpointName } from "#infra/constructs/described-deployment.ts";
import type { AlarmDescription, AlarmMetric } from "#infra/description/alarms.ts";
import { functionName } from "#infra/description/functions.ts";
import { tableName } from "#infra/description/tables.ts";
import { metricNamespace } from "#infra/description/told-metrics.ts";
import type { Settings } from "#infra/settings.ts";

export interface MetricPlace {
	readonly scope: IConstruct;
	readonly settings: Settings;
	/** Of another region than the stack's, on a dashboard. @default the stack's */
	readonly region?: string;
	/** Of the edge stack. */
	readonly distributionId?: string;
}

/** The name under which lines with this value are counted. */
export const logMetricName = ({ value }: Extract<AlarmMetric, { kind: "log" }>): string => value;

/** What an alarm or a graph of the description looks at. */
export function metricOf(
	{ metric, statistic, periodMinutes }: Pick<AlarmDescription, "metric" | "statistic" | "periodMinutes">,
	place: MetricPlace,
): Metric {
	const { region } = place;
	return new Metric({
		...seriesOf(metric, place),
		statistic,
		period: Duration.minutes(periodMinutes),
		...(region === undefined ? {} : { region }),
	});
}

function seriesOf(metric: AlarmMetric, { scope, settings, distributionId }: MetricPlace) {
	const { stage, controlRegion } = settings;
	switch (metric.kind) {
		case "lambda":
			return { namespace: "AWS/Lambda", metricName: metric.metric, dimensionsMap: { FunctionName: functionName(stage, metric.function) } };
		case "log":
			return { namespace: metricNamespace(stage), metricName: logMetricName(metric) };
		case "dead-letters":
			return {
				namespace: "AWS/SQS",
				metricName: "ApproximateNumberOfMessagesVisible",
				dimensionsMap: { QueueName: `${functionName(stage, metric.function)}-dead-letters` },
			};
		case "state-machine":
			return {
				namespace: "AWS/States",
				metricName: metric.metric,
				dimensionsMap: { StateMachineArn: stateMachineArn(scope, stage, controlRegion, metric.machine) },
			};
		case "table":
			return { namespace: "AWS/DynamoDB", metricName: metric.metric, dimensionsMap: { TableName: tableName(stage, metric.table) } };
		case "endpoint":
			return {
				namespace: "AWS/SageMaker",
				metricName: metric.metric,
				dimensionsMap: { EndpointName: modelEndpointName(settings), VariantName: "all" },
			};
		case "distribution":
			return {
				namespace: "AWS/CloudFront",
				metricName: metric.metric,
				dimensionsMap: { DistributionId: distributionId ?? "", Region: "Global" },
			};
	}
}
