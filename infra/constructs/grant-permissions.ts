import { PolicyStatement, type Role } from "aws-cdk-lib/aws-iam";
import type { RegionId } from "#domain/geography/region-id.ts";
import { acknowledge } from "#infra/constructs/acknowledge.ts";
import { arnOf, findingOf } from "#infra/constructs/arns.ts";
import { describeDeployment } from "#infra/constructs/described-deployment.ts";
import { type ResourceName, statementsOf } from "#infra/description/statements.ts";
import type { Settings } from "#infra/settings.ts";

/** Writes a function's row of infra/description/permissions.ts into its role. `region` is where the function runs. */
export function grantPermissions(role: Role, settings: Settings, functionName: string, region: RegionId): void {
	for (const { actions, resources } of statementsOf(functionName, region, describeDeployment(role, settings))) {
		role.addToPolicy(new PolicyStatement({ actions: [...actions], resources: resources.map((name) => arnOf(role, name)) }));
		for (const name of resources.filter((one) => one.endsWith("*"))) acknowledge(role, findingOf(role, name, settings), reasonFor(name));
	}
}

/** Objects, executions, jobs, models and configurations are named at run time: the beginning of their names is what can be granted. */
const reasonFor = (name: ResourceName): string =>
	name.endsWith("/*") && name.startsWith("sagemaker:")
		? "What the endpoint serves first is named by CloudFormation when it is deployed; it is only described."
		: "Named when it is made; the beginning of its name says whose it is.";
