import { Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { Settings } from "#infra/settings.ts";
import { ControlPart, type ControlParts, createControlParts } from "#infra/stacks/control-parts.ts";

export interface MigrationStackProps extends StackProps {
	readonly settings: Settings;
}

/** The migration engine of the control region: its state machine, a function a stage, and recovery on a schedule. */
export class MigrationStack extends Stack {
	readonly parts: ControlParts;

	constructor(scope: Construct, id: string, props: MigrationStackProps) {
		super(scope, id, props);
		this.parts = createControlParts(this, ControlPart.Migration, props.settings);
	}
}
