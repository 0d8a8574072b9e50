import { Stack, Token } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import type { RegionId } from "#domain/geography/region-id.ts";
import { trainingRoleName } from "#infra/description/roles.ts";
import { stateMachineName } from "#infra/description/state-machines.ts";
import type { ResourceName } from "#infra/description/statements.ts";
import type { Settings } from "#infra/settings.ts";

/** Services whose resources bear no account in their ARN. */
const WITHOUT_ACCOUNT: ReadonlySet<string> = new Set(["s3"]);

/**
 * The ARN of a resource of the description, in the partition and account of `scope`. ARNs are built from names: every physical name follows
 * from the stage, so stacks in different regions can point at each other without exports, and a function and the state machine that runs
 * it do not wait for each other.
 */
export function arnOf(scope: IConstruct, name: ResourceName): string {
	const { partition, account } = Stack.of(scope);
	return written(name, partition, account);
}

export const stateMachineArn = (scope: IConstruct, stage: string, region: RegionId, name: string): string =>
	arnOf(scope, `states:${region}:stateMachine:${stateMachineName(stage, name)}`);

export const trainingRoleArn = (scope: IConstruct, stage: string): string => arnOf(scope, `iam::role/${trainingRoleName(stage)}`);

/** The id under which the AWS Solutions rules report a statement on `name`, which ends in a wildcard. */
export function findingOf(scope: IConstruct, name: ResourceName, { account = ACCOUNT }: Pick<Settings, "account">): string {
	const own = Stack.of(scope).account;
	const shown = written(name, shownPartition(scope), account);
	return `AwsSolutions-IAM5[Resource::${Token.isUnresolved(own) ? shown.replaceAll(own, ACCOUNT) : shown}]`;
}
const ACCOUNT = "<AWS::AccountId>";

/** The partition as the rules report it: known where the stack's region is. */
export function shownPartition(scope: IConstruct): string {
	const { partition } = Stack.of(scope);
	return Token.isUnresolved(partition) ? "<AWS::Partition>" : partition;
}

function written(name: ResourceName, partition: string, account: string): string {
	const [, service = "", region = "", resource = ""] = /^([^:]*):([^:]*):(.*)$/.exec(name) ?? [];
	return `arn:${partition}:${service}:${region}:${WITHOUT_ACCOUNT.has(service) ? "" : account}:${resource}`;
}
