import assert from "node:assert";
import { CfnOutput, CustomResource, Stack, type StackProps } from "aws-cdk-lib";
import { FunctionUrlAuthType } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { RegionId } from "#domain/geography/region-id.ts";
import { DescribedAlarms } from "#infra/constructs/described-alarms.ts";
import { DescribedFunction } from "#infra/constructs/described-function.ts";
import { DescribedSchedule } from "#infra/constructs/described-schedule.ts";
import { DescribedTable } from "#infra/constructs/described-table.ts";
import { StreamCarrier } from "#infra/constructs/stream-carrier.ts";
import { STREAM_MAPPINGS } from "#infra/description/event-sources.ts";
import { FUNCTIONS } from "#infra/description/functions.ts";
import { SCHEDULES } from "#infra/description/schedules.ts";
import { TABLES } from "#infra/description/tables.ts";
import { scheduled } from "#infra/settings/scheduled.ts";
import type { Settings } from "#infra/settings.ts";

export interface RegionStackProps extends StackProps {
	readonly settings: Settings;
	readonly region: RegionId;
}

/** One region's data plane: its table, the function that serves it behind IAM, and the carrier of its stream. */
export class RegionStack extends Stack {
	readonly #functions: ReadonlyMap<string, DescribedFunction>;

	constructor(scope: Construct, id: string, props: RegionStackProps) {
		super(scope, id, props);
		const { settings, region } = props;
		const tables = new Map(
			TABLES.filter(({ placement }) => placement === "regional").map((table) => [
				table.name,
				new DescribedTable(this, table.name, { settings, table, region }),
			]),
		);
		this.#functions = new Map(
			FUNCTIONS.filter(({ placement }) => placement === "every-region").map((description) => [
				description.name,
				new DescribedFunction(this, description.name, { settings, description, region }),
			]),
		);
		for (const mapping of STREAM_MAPPINGS.filter(({ where }) => where === "every-region")) {
			const table = tables.get(mapping.table)?.table;
			assert(table !== undefined, `the stream mapping of ${mapping.table} names what no region has`);
			const carrier = this.#function(mapping.function);
			new StreamCarrier(this, `${mapping.table}-to-${mapping.function}`, { settings, mapping, table, carrier });
		}
		for (const description of SCHEDULES.filter(({ where }) => where === "every-region")) {
			assert("function" in description.target, `the schedule ${description.name} names what no region has`);
			const target = { arn: this.#function(description.target.function).lambda.functionArn, action: "lambda:InvokeFunction" as const };
			new DescribedSchedule(this, `${description.name}-schedule`, { settings, description: scheduled(settings, description), target });
		}
		this.#publishDataPlane();
		const logs = new Map([...this.#functions].map(([name, { logGroup }]) => [name, logGroup]));
		new DescribedAlarms(this, "alarms", { settings, where: "every-region", logs });
	}

	/** The other regions and the edge read where it is in the metadata. */
	#publishDataPlane(): void {
		const { lambda } = this.#function("serve-data");
		const { url } = lambda.addFunctionUrl({ authType: FunctionUrlAuthType.AWS_IAM });
		const register = this.#function("register-data-plane");
		const registration = new CustomResource(this, "registration", { serviceToken: register.lambda.functionArn, properties: { Url: url } });
		registration.node.addDependency(register.role);
		new CfnOutput(this, "DataPlaneUrl", { value: url, description: "Base URL of this region's data plane (IAM)." });
	}

	#function(name: string): DescribedFunction {
		const found = this.#functions.get(name);
		assert(found !== undefined, `${name} is no function of a region`);
		return found;
	}
}
