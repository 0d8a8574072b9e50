import assert from "node:assert";
import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { FunctionUrlAuthType } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { ConsoleApi } from "#infra/constructs/console-api.ts";
import { ConsoleSite } from "#infra/constructs/console-site.ts";
import { ConsoleUsers } from "#infra/constructs/console-users.ts";
import type { DescribedFunction } from "#infra/constructs/described-function.ts";
import { StreamCarrier } from "#infra/constructs/stream-carrier.ts";
import { STREAM_MAPPINGS } from "#infra/description/event-sources.ts";
import type { TableName } from "#infra/description/tables.ts";
import type { Settings } from "#infra/settings.ts";
import { ControlPart, type ControlParts, createControlParts } from "#infra/stacks/control-parts.ts";

export interface ConsoleStackProps extends StackProps {
	readonly settings: Settings;
	/** The tables that are kept once, by name: their streams are read here. */
	readonly tables: ReadonlyMap<TableName, TableV2>;
}

/**
 * The operators' way in: the admin API behind IAM for the command line, and for reading behind Cognito, with the page, where the settings ask
 * for it; and the feed of changes that it tells.
 */
export class ConsoleStack extends Stack {
	readonly parts: ControlParts;

	constructor(scope: Construct, id: string, props: ConsoleStackProps) {
		super(scope, id, props);
		const { settings, tables } = props;
		this.parts = createControlParts(this, ControlPart.Console, settings);
		for (const mapping of STREAM_MAPPINGS.filter(({ where }) => where === "control")) {
			const table = tables.get(mapping.table);
			assert(table !== undefined, `the stream mapping of ${mapping.table} names what the control region does not have`);
			const carrier = this.parts.function(mapping.function);
			new StreamCarrier(this, `${mapping.table}-to-${mapping.function}`, { settings, mapping, table, carrier });
		}
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
