import { Duration } from "aws-cdk-lib";
import { MathExpression, Metric } from "aws-cdk-lib/aws-cloudwatch";
import type { RegionId } from "#domain/geography/region-id.ts";
import { findPrice, Priced } from "#domain/pricing/price-table.ts";
import { PUBLISHED_PRICES } from "#domain/pricing/published-prices.ts";
import { FUNCTIONS, functionName } from "#infra/description/functions.ts";
import { TABLES, tableName } from "#infra/description/tables.ts";
import type { Settings } from "#infra/settings.ts";

const PERIOD = Duration.hours(1);

/** A sum of an hour, and what one of it costs in US dollars. */
interface PricedSum {
	readonly metric: Metric;
	readonly usd: number;
}

/** What the units cost that the tables of a region consumed, in US dollars an hour. Storage is no metric of CloudWatch. */
export function costOfTables({ stage, controlRegion }: Settings, region: RegionId): MathExpression {
	const here = TABLES.filter(({ placement }) => placement === "regional" || region === controlRegion);
	const consumed = (name: string, kind: "Read" | "Write"): PricedSum => ({
		metric: hourly("AWS/DynamoDB", `Consumed${kind}CapacityUnits`, { TableName: name }, region),
		usd: priceOf(kind === "Write" ? Priced.WriteUnit : Priced.ReadUnit, region),
	});
	const sums = here.flatMap(({ name }) => [consumed(tableName(stage, name), "Write"), consumed(tableName(stage, name), "Read")]);
	return totalOf("tables", region, sums);
}

/** What the functions of a region cost, by invocations and by duration times memory, in US dollars an hour. Without those at the edge. */
export function costOfFunctions({ stage, controlRegion }: Settings, region: RegionId): MathExpression {
	const here = FUNCTIONS.filter(({ placement }) => placement === "every-region" || (placement === "control" && region === controlRegion));
	const sums = here.flatMap(({ name, memoryMb }): PricedSum[] => {
		const dimensions = { FunctionName: functionName(stage, name) };
		return [
			{ metric: hourly("AWS/Lambda", "Invocations", dimensions, region), usd: priceOf(Priced.LambdaRequest, region) },
			// Milliseconds
			{
				metric: hourly("AWS/Lambda", "Duration", dimensions, region),
				usd: (priceOf(Priced.LambdaGbSecond, region) * memoryMb) / 1024 / 1000,
			},
		];
	});
	return totalOf("functions", region, sums);
}

const priceOf = (priced: Priced, region: RegionId): number => findPrice(PUBLISHED_PRICES, priced, region).usdPerUnit;

const hourly = (namespace: string, metricName: string, dimensionsMap: Record<string, string>, region: RegionId): Metric =>
	new Metric({ namespace, metricName, dimensionsMap, statistic: "Sum", region, period: PERIOD });

/** What has no data in an hour costs nothing in it: without filling, one such sum would leave the total without a value. */
function totalOf(what: string, region: RegionId, sums: readonly PricedSum[]): MathExpression {
	const ids = sums.map((_, index) => `${what}_${region.replaceAll("-", "_")}_${index}`);
	const byPrice = Map.groupBy(
		sums.map(({ usd }, index) => [decimal(usd), ids[index] as string] as const),
		([usd]) => usd,
	);
	const terms = [...byPrice].map(([usd, priced]) => `${usd} * SUM([${priced.map(([, id]) => `FILL(${id}, 0)`).join(", ")}])`);
	return new MathExpression({
		expression: terms.join(" + "),
		usingMetrics: Object.fromEntries(ids.map((id, index) => [id, (sums[index] as PricedSum).metric])),
		label: region,
		period: PERIOD,
	});
}

/** Metric math takes the `e` of an exponent for a name. */
const decimal = (value: number): string => value.toFixed(16).replace(/0+$/, "");
