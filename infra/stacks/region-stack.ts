import assert from "node:assert";
import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import { FunctionUrlAuthType } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { DescribedFunction } from "#infra/constructs/described-function.ts";
import { DescribedSchedule } from "#infra/constructs/described-schedule.ts";
import { DescribedTable } from "#infra/constructs/described-table.ts";
import { StreamCarrier } from "#infra/constructs/stream-carrier.ts";
import { STREAM_MAPPINGS } from "#infra/description/event-sources.ts";
import { FUNCTIONS } from "#infra/description/functions.ts";
import { SCHEDULES } from "#infra/description/schedules.ts";
import { TABLES } from "#infra/description/tables.ts";
import type { Settings } from "#infra/settings.ts";

export interface RegionStackProps extends StackProps {
	readonly settings: Settings;
}

/** One region's data plane: its table, the function that serves it behind IAM, and the carrier of its stream. */
export class RegionStack extends Stack {
	constructor(scope: Construct, id: string, props: RegionStackProps) {
		super(scope, id, props);
		const { settings } = props;
		const tables = new Map(
			TABLES.filter(({ placement }) => placement === "regional").map((table) => [
				table.name,
				new DescribedTable(this, table.name, { settings, table }),
			]),
		);
		const functions = new Map(
			FUNCTIONS.filter(({ placement }) => placement === "every-region").map((description) => [
				description.name,
				new DescribedFunction(this, description.name, { settings, description }),
			]),
		);
		for (const mapping of STREAM_MAPPINGS) {
			const table = tables.get(mapping.table)?.table;
			const carrier = functions.get(mapping.function);
			assert(table !== undefined && carrier !== undefined, `the stream mapping of ${mapping.table} names what no region has`);
			new StreamCarrier(this, `${mapping.table}-to-${mapping.function}`, { mapping, table, carrier });
		}
		for (const description of SCHEDULES.filter(({ where }) => where === "every-region")) {
			const swept = "function" in description.target ? functions.get(description.target.function) : undefined;
			assert(swept !== undefined, `the schedule ${description.name} names what no region has`);
			const target = { arn: swept.lambda.functionArn, action: "lambda:InvokeFunction" as const };
			new DescribedSchedule(this, `${description.name}-schedule`, { settings, description, target });
		}
		this.#publishDataPlane(functions.get("serve-data"));
	}

	#publishDataPlane(serve: DescribedFunction | undefined): void {
		assert(serve !== undefined, "serve-data is not in the description");
		const url = serve.lambda.addFunctionUrl({ authType: FunctionUrlAuthType.AWS_IAM });
		new CfnOutput(this, "DataPlaneUrl", {
			value: url.url,
			description: "Base URL of this region's data plane; a deployment with --outputs-file tells the other regions.",
		});
	}
}
