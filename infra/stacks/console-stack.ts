import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import { FunctionUrlAuthType } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { ConsoleApi } from "#infra/constructs/console-api.ts";
import { ConsoleSite } from "#infra/constructs/console-site.ts";
import { ConsoleUsers } from "#infra/constructs/console-users.ts";
import type { DescribedFunction } from "#infra/constructs/described-function.ts";
import type { Settings } from "#infra/settings.ts";
import { ControlPart, type ControlParts, createControlParts } from "#infra/stacks/control-parts.ts";

export interface ConsoleStackProps extends StackProps {
	readonly settings: Settings;
}

/** The operators' way in: the admin API behind IAM for the command line, and for reading behind Cognito, with the page, where the settings ask for it. */
export class ConsoleStack extends Stack {
	readonly parts: ControlParts;

	constructor(scope: Construct, id: string, props: ConsoleStackProps) {
		super(scope, id, props);
		const { settings } = props;
		this.parts = createControlParts(this, ControlPart.Console, settings);
		const administer = this.parts.function("administer");
		const admin = administer.lambda.addFunctionUrl({ authType: FunctionUrlAuthType.AWS_IAM });
		new CfnOutput(this, "AdminUrl", { value: admin.url, description: "Base URL of the admin API (IAM); the command line reads it." });
		if (settings.console.kind === "cognito") this.#openPage(settings, settings.console.operators, administer);
	}

	#openPage(settings: Settings, operators: readonly string[], administer: DescribedFunction): void {
		const users = new ConsoleUsers(this, "users", { settings, operators });
		const api = new ConsoleApi(this, "api", { settings, administer });
		const site = new ConsoleSite(this, "site", { settings, users, apiDomainName: api.domainName });
		const client = users.clientFor(site.url);
		api.openTo(users.pool, client);
		site.publish({ authority: users.authority, clientId: client.userPoolClientId });
		new CfnOutput(this, "ConsoleUrl", { value: site.url, description: "The console, for who has an account in its user pool." });
		new CfnOutput(this, "UserPoolId", { value: users.pool.userPoolId, description: "Where accounts of the console are made." });
	}
}
