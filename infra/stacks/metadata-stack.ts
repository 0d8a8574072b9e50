import { Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { DescribedTable } from "#infra/constructs/described-table.ts";
import { TABLES } from "#infra/description/tables.ts";
import type { Settings } from "#infra/settings.ts";

export interface MetadataStackProps extends StackProps {
	readonly settings: Settings;
}

/** The global tables: written in the control region, read in every region. */
export class MetadataStack extends Stack {
	constructor(scope: Construct, id: string, props: MetadataStackProps) {
		super(scope, id, props);
		const { settings } = props;
		const replicas = settings.regions.filter((region) => region !== settings.controlRegion);
		for (const table of TABLES.filter(({ placement }) => placement === "global")) {
			new DescribedTable(this, table.name, { settings, table, replicas });
		}
	}
}
