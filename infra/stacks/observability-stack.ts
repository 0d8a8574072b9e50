import { Duration, Stack, type StackProps } from "aws-cdk-lib";
import { CfnBudget } from "aws-cdk-lib/aws-budgets";
import { Dashboard, GraphWidget, type IMetric, type IWidget, MathExpression, Metric, TextWidget } from "aws-cdk-lib/aws-cloudwatch";
import { type ILogGroup, LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import type { RegionId } from "#domain/geography/region-id.ts";
import { findPrice, Priced } from "#domain/pricing/price-table.ts";
import { PUBLISHED_PRICES } from "#domain/pricing/published-prices.ts";
import { metricOf } from "#infra/constructs/alarm-metrics.ts";
import { DescribedAlarms } from "#infra/constructs/described-alarms.ts";
import { ALARMS } from "#infra/description/alarms.ts";
import { STREAM_MAPPINGS } from "#infra/description/event-sources.ts";
import { FUNCTIONS, functionName } from "#infra/description/functions.ts";
import { TableName, tableName } from "#infra/description/tables.ts";
import type { Settings } from "#infra/settings.ts";

export interface ObservabilityStackProps extends StackProps {
	readonly settings: Settings;
}

const HALF = 12;
const FULL = 24;
const MINUTES = 5;
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
		const { regions } = settings;
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
				graph("Cut-over, whole stage, 99th percentile (ms): no pause is longer", [
					this.#lambda(settings, "cut-over", "Duration", "p99", "cut-over"),
				]),
			],
			[
				graph(
					"Replication lag by region (ms)",
					STREAM_MAPPINGS.flatMap(({ function: carrier }) =>
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
				graph(
					"Data tables, US dollars an hour (published prices; storage and transfer left out)",
					everywhere((region) => this.#cost(settings, region)),
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

	/** Consumed units times their prices, from the table that plans are priced by. */
	#cost(settings: Settings, region: RegionId): MathExpression {
		const price = (priced: Priced): number => findPrice(PUBLISHED_PRICES, priced, region).usdPerUnit;
		const id = region.replaceAll("-", "_");
		return new MathExpression({
			expression: `w_${id} * ${price(Priced.WriteUnit)} + r_${id} * ${price(Priced.ReadUnit)}`,
			usingMetrics: {
				[`w_${id}`]: this.#table(settings, "ConsumedWriteCapacityUnits", region),
				[`r_${id}`]: this.#table(settings, "ConsumedReadCapacityUnits", region),
			},
			label: region,
			period: minutes(60),
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
