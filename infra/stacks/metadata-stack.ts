import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import type { Construct } from "constructs";
import { DescribedTable } from "#infra/constructs/described-table.ts";
import { TABLES, type TableName } from "#infra/description/tables.ts";
import { LAYOUT_OUTPUT, layoutOf } from "#infra/layout.ts";
import type { Settings } from "#infra/settings.ts";

export interface MetadataStackProps extends StackProps {
	readonly settings: Settings;
	/** Of the settings, for the layout. @default not said */
	readonly file?: string;
}

/** What is kept once: the global tables, written here and read in every region, and the control region's own tables. Holds no code. */
export class MetadataStack extends Stack {
	readonly tables: ReadonlyMap<TableName, TableV2>;

	constructor(scope: Construct, id: string, props: MetadataStackProps) {
		super(scope, id, props);
		const { settings } = props;
		const region = settings.controlRegion;
		const replicas = settings.regions.filter((other) => other !== region);
		this.tables = new Map(
			TABLES.filter(({ placement }) => placement !== "regional").map((table) => {
				const place = { settings, table, region, ...(table.placement === "global" ? { replicas } : {}) };
				return [table.name, new DescribedTable(this, table.name, place).table];
			}),
		);
		new CfnOutput(this, LAYOUT_OUTPUT, {
			value: JSON.stringify(layoutOf(settings, TABLES, props.file)),
			description: "What later settings are compared with before anything is synthesised.",
		});
	}
}
