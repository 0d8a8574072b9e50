import { Duration, Stack, type StackProps } from "aws-cdk-lib";
import { CfnBudget } from "aws-cdk-lib/aws-budgets";
import { Dashboard, GraphWidget, type IMetric, type IWidget, MathExpression, Metric, TextWidget } from "aws-cdk-lib/aws-cloudwatch";
import { type ILogGroup, LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import type { RegionId } from "#domain/geography/region-id.ts";
import { metricOf } from "#infra/constructs/alarm-metrics.ts";
import { costOfFunctions, costOfTables } from "#infra/constructs/cost-metrics.ts";
import { DescribedAlarms } from "#infra/constructs/described-alarms.ts";
import { ALARMS } from "#infra/description/alarms.ts";
import { STREAM_MAPPINGS } from "#infra/description/event-sources.ts";
import { FUNCTIONS, functionName } from "#infra/description/functions.ts";
import { TableName, tableName } from "#infra/description/tables.ts";
import { metricNamespace, Told, type ToldMetric } from "#infra/description/told-metrics.ts";
import type { Settings } from "#infra/settings.ts";

export interface ObservabilityStackProps extends StackProps {
	readonly settings: Settings;
}

const HALF = 12;
const FULL = 24;
const MINUTES = 5;
const HOUR = 60;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
const minutes = (count: number): Duration => Duration.minutes(count);

/** One dashboard over all regions, the alarms of the control region, and a budget. */
export class ObservabilityStack extends Stack {
	constructor(scope: Construct, id: string, props: ObservabilityStackProps) {
		super(scope, id, props);
		const { settings } = props;
		new Dashboard(this, "dashboard", { dashboardName: `heliotrope-${settings.stage}`, widgets: this.#rows(settings) });
		new DescribedAlarms(this, "alarms", { settings, where: "control", logs: this.#logs(settings) });
		this.#budget(settings);
	}

	#rows(settings: Settings): IWidget[][] {
		const { regions, controlRegion } = settings;
		// a graph without a line is refused
		const copies = regions.filter((region) => region !== controlRegion);
		const everywhere = (make: (region: RegionId) => IMetric): IMetric[] => regions.map(make);
		const graph = (title: string, left: IMetric[], width = HALF): IWidget => new GraphWidget({ title, left, width, height: 6 });
		const serve = (metric: string, statistic: string) =>
			everywhere((region) => this.#lambda(settings, "serve-data", metric, statistic, region, region));
		return [
			[new TextWidget({ markdown: `# Heliotrope ${settings.stage}\nAlarms name their runbook; docs/runbooks.`, width: FULL, height: 2 })],
			[
				graph("Requests by region", serve("Invocations", "Sum")),
				graph("Answer time by region, 99th percentile (ms)", serve("Duration", "p99")),
			],
			[
				graph(
					"Moves by stage (runs)",
					stageFunctions().map((name) => this.#lambda(settings, name, "Invocations", "Sum", name)),
				),
				graph("How long cutovers kept writers waiting (ms)", [
					this.#told(settings, Told.WritePause, "p50", "median"),
					this.#told(settings, Told.WritePause, "p99", "99th percentile"),
					this.#told(settings, Told.WritePause, "Maximum", "longest"),
				]),
			],
			[
				graph("Requests answered in the viewer's own region (%)", [
					this.#ratio(settings, "100 * part / all", { part: Told.ServedNear, all: Told.Served }, "near"),
				]),
				graph("Round-trip time a request saves against the control region alone (ms)", [
					this.#ratio(settings, "part / all", { part: Told.RoundTripSaved, all: Told.Served }, "saved"),
				]),
			],
			[
				graph("Calibration of 6 h forecasts: how sure they were, and how often right (%)", [
					this.#ratio(settings, "100 * part / all", { part: Told.ForecastConfidence, all: Told.ForecastsScored }, "said"),
					this.#ratio(settings, "100 * part / all", { part: Told.ForecastHits, all: Told.ForecastsScored }, "came true"),
				]),
				graph("Drift of 6 h forecasts: log-loss an access, by day and by week; entropy is what it should be", [
					this.#ratio(settings, "part / all", { part: Told.ForecastLogLoss, all: Told.ForecastsScored }, "this day", DAY),
					this.#ratio(settings, "part / all", { part: Told.ForecastLogLoss, all: Told.ForecastsScored }, "this week", WEEK),
					this.#ratio(settings, "part / all", { part: Told.ForecastEntropy, all: Told.ForecastsScored }, "entropy, this day", DAY),
				]),
			],
			[
				graph(
					"Replication lag by region (ms)",
					STREAM_MAPPINGS.filter(({ where }) => where === "every-region").flatMap(({ function: carrier }) =>
						everywhere((region) => this.#lambda(settings, carrier, "IteratorAge", "Maximum", region, region)),
					),
				),
				graph(
					"Writes turned away by the data table",
					everywhere((region) => this.#table(settings, "WriteThrottleEvents", region)),
				),
			],
			[
				graph(
					"Runs of the prediction",
					(["ExecutionsSucceeded", "ExecutionsFailed"] as const).map((metric) =>
						metricOf(
							{ metric: { kind: "state-machine", machine: "predict", metric }, statistic: "Sum", periodMinutes: 60 },
							{ scope: this, settings },
						),
					),
				),
				...(copies.length === 0
					? []
					: [
							graph(
								"Replication lag of the metadata by region (ms)",
								copies.map((region) => this.#metadataLag(settings, region)),
							),
						]),
			],
			[
				graph(
					"Tables, US dollars an hour (published prices; without storage, backups and replication)",
					everywhere((region) => costOfTables(settings, region)),
				),
				graph(
					"Functions, US dollars an hour (published prices; without those at the edge)",
					everywhere((region) => costOfFunctions(settings, region)),
				),
			],
		];
	}

	#lambda(
		settings: Settings,
		name: string,
		metricName: string,
		statistic: string,
		label: string,
		region: string = settings.controlRegion,
	): Metric {
		return new Metric({
			namespace: "AWS/Lambda",
			metricName,
			dimensionsMap: { FunctionName: functionName(settings.stage, name) },
			statistic,
			label,
			region,
			period: minutes(MINUTES),
		});
	}

	/** What a function of ours says of itself. */
	#told({ stage, controlRegion }: Settings, { name, dimensions }: ToldMetric, statistic: string, label: string, minute = HOUR): Metric {
		return new Metric({
			namespace: metricNamespace(stage),
			metricName: name,
			dimensionsMap: { ...dimensions },
			statistic,
			label,
			region: controlRegion,
			period: minutes(minute),
		});
	}

	#ratio(
		settings: Settings,
		expression: string,
		{ part, all }: { readonly part: ToldMetric; readonly all: ToldMetric },
		label: string,
		minute = HOUR,
	): MathExpression {
		// Ids are one to a graph
		const id = label.replaceAll(/[^a-z]/g, "_");
		return new MathExpression({
			expression: expression.replace("part", `part_${id}`).replace("all", `all_${id}`),
			usingMetrics: {
				[`part_${id}`]: this.#told(settings, part, "Sum", label, minute),
				[`all_${id}`]: this.#told(settings, all, "Sum", label, minute),
			},
			label,
			period: minutes(minute),
		});
	}

	#table({ stage }: Settings, metricName: string, region: string): Metric {
		const dimensionsMap = { TableName: tableName(stage, TableName.Data) };
		return new Metric({
			namespace: "AWS/DynamoDB",
			metricName,
			dimensionsMap,
			statistic: "Sum",
			label: region,
			region,
			period: minutes(60),
		});
	}

	/** How long the global table's changes take to the copy in a region that edges and data planes read. */
	#metadataLag({ stage, controlRegion }: Settings, region: RegionId): Metric {
		return new Metric({
			namespace: "AWS/DynamoDB",
			metricName: "ReplicationLatency",
			dimensionsMap: { TableName: tableName(stage, TableName.Metadata), ReceivingRegion: region },
			statistic: "p99",
			label: region,
			region: controlRegion,
			period: minutes(MINUTES),
		});
	}

	#logs({ stage }: Settings): ReadonlyMap<string, ILogGroup> {
		const counted = ALARMS.filter(({ where, metric }) => where === "control" && metric.kind === "log").map(({ metric }) =>
			metric.kind === "log" ? metric.function : "",
		);
		return new Map(
			[...new Set(counted)].map((name) => [
				name,
				LogGroup.fromLogGroupName(this, `${name}-logs`, `/aws/lambda/${functionName(stage, name)}`),
			]),
		);
	}

	#budget({ stage, budgets, alarms }: Settings): void {
		if (budgets.monthlyUsd === undefined) return;
		const told = (threshold: number, notificationType: "ACTUAL" | "FORECASTED") => ({
			notification: { comparisonOperator: "GREATER_THAN", notificationType, threshold, thresholdType: "PERCENTAGE" },
			subscribers: alarms.emails.map((address) => ({ subscriptionType: "EMAIL", address })),
		});
		new CfnBudget(this, "budget", {
			budget: {
				budgetName: `heliotrope-${stage}`,
				budgetType: "COST",
				timeUnit: "MONTHLY",
				budgetLimit: { amount: budgets.monthlyUsd, unit: "USD" },
				costFilters: { TagKeyValue: [`user:heliotrope:stage$${stage}`] },
			},
			...(alarms.emails.length === 0 ? {} : { notificationsWithSubscribers: [told(80, "ACTUAL"), told(100, "FORECASTED")] }),
		});
	}
}

/** The stages of a migration are the functions of one entry. */
const stageFunctions = (): readonly string[] =>
	FUNCTIONS.filter(({ entry }) => entry.startsWith("lambdas/run-stage/")).map(({ name }) => name);
