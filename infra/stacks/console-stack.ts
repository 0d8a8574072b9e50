import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import { FunctionUrlAuthType } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { Settings } from "#infra/settings.ts";
import { ControlPart, type ControlParts, createControlParts } from "#infra/stacks/control-parts.ts";

export interface ConsoleStackProps extends StackProps {
	readonly settings: Settings;
}

/** The operators' way in: the admin API behind IAM. */
export class ConsoleStack extends Stack {
	readonly parts: ControlParts;

	constructor(scope: Construct, id: string, props: ConsoleStackProps) {
		super(scope, id, props);
		const { settings } = props;
		this.parts = createControlParts(this, ControlPart.Console, settings);
		const administer = this.parts.function("administer");
		const admin = administer.lambda.addFunctionUrl({ authType: FunctionUrlAuthType.AWS_IAM });
		new CfnOutput(this, "AdminUrl", { value: admin.url, description: "Base URL of the admin API (IAM); the command line reads it." });
	}
}
