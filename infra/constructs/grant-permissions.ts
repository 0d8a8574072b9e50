import { PolicyStatement, type Role } from "aws-cdk-lib/aws-iam";
import type { RegionId } from "#domain/geography/region-id.ts";
import { acknowledge } from "#infra/constructs/acknowledge.ts";
import { arnOf, findingOf } from "#infra/constructs/arns.ts";
import { describeDeployment } from "#infra/constructs/described-deployment.ts";
import { type ResourceName, type Statement, statementsOf } from "#infra/description/statements.ts";
import type { Settings } from "#infra/settings.ts";

/** Writes a function's row of infra/description/permissions.ts into its role. `region` is where the function runs. */
export function grantPermissions(role: Role, settings: Settings, functionName: string, region: RegionId): void {
	const statements = statementsOf(functionName, region, describeDeployment(role, settings));
	for (const statement of keyStatements(statements, settings)) role.addToPolicy(statement);
	for (const { actions, resources, conditions = {} } of statements) {
		role.addToPolicy(new PolicyStatement({ actions: [...actions], resources: resources.map((name) => arnOf(role, name)), conditions }));
		for (const name of resources.filter((one) => one.endsWith("*"))) acknowledge(role, findingOf(role, name, settings), reasonFor(name));
	}
}

/** What a table asks of its caller, where the key is the customer's. @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html */
const KEY_ACTIONS = [
	"kms:Decrypt",
	"kms:DescribeKey",
	"kms:Encrypt",
	"kms:GenerateDataKey",
	"kms:GenerateDataKeyWithoutPlaintext",
	"kms:ReEncryptFrom",
	"kms:ReEncryptTo",
];

/** A customer's keys of the regions whose tables the function reaches, through DynamoDB only. */
function keyStatements(statements: readonly Statement[], { encryption }: Settings): readonly PolicyStatement[] {
	if (encryption.kind === "aws-managed") return [];
	const tables = statements.flatMap(({ resources }) => resources.filter((name) => name.startsWith("dynamodb:")));
	const regions = [...new Set(tables.map((name) => name.split(":")[1] ?? ""))];
	return regions.map(
		(at) =>
			new PolicyStatement({
				actions: KEY_ACTIONS,
				resources: [encryption.keyArns[at] ?? ""],
				conditions: { StringEquals: { "kms:ViaService": `dynamodb.${at}.amazonaws.com` } },
			}),
	);
}

/** Objects, executions, jobs, models and configurations are named at run time: the beginning of their names is what can be granted. */
const reasonFor = (name: ResourceName): string =>
	name.endsWith("/*") && name.startsWith("sagemaker:")
		? "What the endpoint serves first is named by CloudFormation when it is deployed; it is only described."
		: "Named when it is made; the beginning of its name says whose it is.";
