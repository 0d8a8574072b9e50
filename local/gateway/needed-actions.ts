import type { ResourceName } from "#infra/description/statements.ts";
import type { AwsCall } from "#local/gateway/aws-service.ts";
import { tablesNamed } from "#local/gateway/dynamodb-request.ts";

/** One thing that IAM asks of a caller before AWS does what it asks for. */
export interface NeededAction {
	/** `<service>:<Action>` as policies write it. */
	readonly action: string;
	readonly resource: ResourceName;
}

/** @see https://docs.aws.amazon.com/service-authorization/latest/reference/ */
export function neededActions(service: string, call: AwsCall): readonly NeededAction[] {
	const needed = known(service, call);
	// What is not known here no role has: it has to be described first
	return needed.length > 0 ? needed : [{ action: `${service}:${call.operation ?? call.method}`, resource: `${service}:${call.region}:` }];
}

function known(service: string, call: AwsCall): readonly NeededAction[] {
	switch (service) {
		case "dynamodb":
			return onTables(call);
		case "states":
			return onExecutions(call);
		case "sagemaker":
			return onSageMaker(call);
		case "s3":
			return onObjects(call);
		default:
			return [];
	}
}

/** What a signed call of a function URL needs since October 2025. */
export const neededForUrl = (region: string, functionName: string): readonly NeededAction[] =>
	["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"].map((action) => ({
		action,
		resource: `lambda:${region}:function:${functionName}`,
	}));

/** A transaction needs what its parts would. @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html */
const PARTS: Readonly<Record<string, string>> = {
	Put: "PutItem",
	Update: "UpdateItem",
	Delete: "DeleteItem",
	ConditionCheck: "ConditionCheckItem",
	Get: "GetItem",
};
/** Unambiguous without parsing, as the table's name is. */
const INDEX_NAME = /"IndexName"\s*:\s*"([^"]+)"/;

function onTables({ operation = "", region, body }: AwsCall): readonly NeededAction[] {
	const needed = (action: string, table: string, index?: string): NeededAction => ({
		action: `dynamodb:${action}`,
		resource: `dynamodb:${region}:table/${table}${index === undefined ? "" : `/index/${index}`}`,
	});
	if (operation.startsWith("Transact")) {
		const parts = (JSON.parse(body.toString("utf8")) as Transaction).TransactItems ?? [];
		const all = parts.flatMap((part) => Object.entries(part).map(([kind, { TableName = "" }]) => needed(PARTS[kind] ?? kind, TableName)));
		return [...new Map(all.map((one) => [`${one.action} ${one.resource}`, one])).values()];
	}
	const mayNameIndex = operation === "Query" || operation === "Scan";
	const index = mayNameIndex ? INDEX_NAME.exec(body.toString("latin1"))?.[1] : undefined;
	return tablesNamed(operation, body).map((table) => needed(operation, table, index));
}

interface Transaction {
	readonly TransactItems?: readonly Readonly<Record<string, { readonly TableName?: string }>>[];
}

function onExecutions({ operation = "", region, body }: AwsCall): readonly NeededAction[] {
	const { stateMachineArn, executionArn } = fieldsOf(body);
	return [{ action: `states:${operation}`, resource: `states:${region}:${restOfArn(executionArn ?? stateMachineArn ?? "")}` }];
}

/** The field of a request that names its resource, and the resource's kind. */
const SAGEMAKER: Readonly<Record<string, readonly (readonly [field: string, kind: string])[]>> = {
	CreateTrainingJob: [["TrainingJobName", "training-job"]],
	DescribeTrainingJob: [["TrainingJobName", "training-job"]],
	CreateModel: [["ModelName", "model"]],
	DescribeModel: [["ModelName", "model"]],
	CreateEndpointConfig: [["EndpointConfigName", "endpoint-config"]],
	DescribeEndpointConfig: [["EndpointConfigName", "endpoint-config"]],
	UpdateEndpoint: [
		["EndpointName", "endpoint"],
		["EndpointConfigName", "endpoint-config"],
	],
	DescribeEndpoint: [["EndpointName", "endpoint"]],
};

function onSageMaker({ operation, region, path, body }: AwsCall): readonly NeededAction[] {
	if (operation === undefined) {
		const name = /^\/endpoints\/([^/]+)\/invocations$/.exec(path)?.[1] ?? "";
		return [{ action: "sagemaker:InvokeEndpoint", resource: `sagemaker:${region}:endpoint/${name}` }];
	}
	const fields = fieldsOf(body);
	const role = fields["RoleArn"] ?? fields["ExecutionRoleArn"];
	// Who makes something with tags must be allowed to tag it.
	const actions = [operation, ...(fields["Tags"] === undefined ? [] : ["AddTags"])];
	const named = (SAGEMAKER[operation] ?? []).map(([field, kind]) => `sagemaker:${region}:${kind}/${fields[field] ?? ""}`);
	return [
		...actions.flatMap((action) => named.map((resource) => ({ action: `sagemaker:${action}`, resource }))),
		...(role === undefined ? [] : [{ action: "iam:PassRole", resource: `iam::${restOfArn(role)}` }]),
	];
}

const OBJECT_ACTIONS: Readonly<Record<string, string>> = { PUT: "PutObject", GET: "GetObject", HEAD: "GetObject", DELETE: "DeleteObject" };

/** An object that is not there is told from one that is refused by who may list. */
function onObjects({ method, path }: AwsCall): readonly NeededAction[] {
	const [, bucket = "", ...key] = (path.split("?")[0] ?? "").split("/");
	const name = key.join("/");
	if (name === "") return [{ action: "s3:ListBucket", resource: `s3::${bucket}` }];
	return [{ action: `s3:${OBJECT_ACTIONS[method] ?? method}`, resource: `s3::${bucket}/${name}` }];
}

/** The resource part: what follows partition, service, region and account. */
const restOfArn = (arn: string): string => arn.split(":").slice(5).join(":");

const fieldsOf = (body: Buffer): Readonly<Record<string, string>> =>
	JSON.parse(body.toString("utf8") || "{}") as Readonly<Record<string, string>>;
