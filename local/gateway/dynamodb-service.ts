import type { RegionId } from "#domain/geography/region-id.ts";
import { TABLES, type TableDescription, type TableName, tableName } from "#infra/description/tables.ts";
import { EngineLostError, type EngineReply } from "#local/engines/engine-client.ts";
import type { Engines } from "#local/engines/engines.ts";
import { type AwsCall, type AwsReply, type AwsService, awsError } from "#local/gateway/aws-service.ts";
import { type ItemKey, isWrite, keysWritten, tablesNamed } from "#local/gateway/dynamodb-request.ts";

/** Sends a write on and answers what the engine answered. @throws EngineLostError when the outcome is unknown */
export type ForwardWrite = () => Promise<EngineReply>;

export interface DynamodbServiceOptions {
	readonly engines: Pick<Engines, "client">;
	readonly regions: readonly RegionId[];
	readonly stage: string;
	/** Surrounds writes to tables of placement `global` with what replication needs. @default they stay in their region */
	readonly globalWrites?: { write(region: RegionId, keys: readonly ItemKey[], forward: ForwardWrite): Promise<EngineReply> };
	/** Told after a write to a table with a stream succeeded, or may have. Must be cheap. */
	readonly onWrite?: (region: RegionId, table: TableName) => void;
}

/** DynamoDB and DynamoDB Streams of every region: each request goes to the engine of its region. */
export function dynamodbService(options: DynamodbServiceOptions): AwsService {
	const described = new Map(TABLES.map((table) => [tableName(options.stage, table.name), table]));
	const deployed = new Set<RegionId>(options.regions);
	return {
		name: "dynamodb",
		handle: async (call) => {
			if (!deployed.has(call.region)) return awsError(400, "UnrecognizedClientException", `region ${call.region} is not deployed here`);
			const target = call.headers["x-amz-target"] ?? "";
			try {
				if (call.operation !== undefined && isWrite(call.operation)) return await write(call, call.operation, target, described, options);
				if (NAMES_ARNS.has(call.operation ?? "")) return await withRegionInArns(call, target, options);
				return answer(await options.engines.client.send(call.region, target, call.body));
			} catch (error) {
				if (error instanceof EngineLostError) return awsError(500, "com.amazonaws.dynamodb.v20120810#InternalServerError", error.message);
				throw error;
			}
		},
	};
}

async function write(
	call: AwsCall,
	operation: string,
	target: string,
	described: ReadonlyMap<string, TableDescription>,
	{ engines, globalWrites, onWrite }: DynamodbServiceOptions,
): Promise<AwsReply> {
	const touched = tablesNamed(operation, call.body).flatMap((name) => described.get(name) ?? []);
	const forward = (): Promise<EngineReply> => engines.client.send(call.region, target, call.body);
	const send = (): Promise<EngineReply> => {
		if (globalWrites === undefined || !touched.some((table) => table.placement === "global")) return forward();
		const keys = keysWritten(operation, call.body).filter((key) => described.get(key.table)?.placement === "global");
		return globalWrites.write(call.region, keys, forward);
	};
	let mayHaveWritten = true;
	try {
		const reply = await send();
		mayHaveWritten = reply.status === 200 || reply.status >= 500;
		return answer(reply);
	} finally {
		if (mayHaveWritten) for (const table of touched) if (table.stream !== undefined) onWrite?.(call.region, table.name);
	}
}

/** Operations whose requests or answers hold ARNs, in which the engine puts a region of its own. */
const NAMES_ARNS: ReadonlySet<string> = new Set(["DescribeTable", "ListStreams", "DescribeStream", "GetShardIterator"]);
const ENGINE_ARN = "arn:aws:dynamodb:dynoxide:";

async function withRegionInArns(call: AwsCall, target: string, { engines }: DynamodbServiceOptions): Promise<AwsReply> {
	const regionArn = `arn:aws:dynamodb:${call.region}:`;
	const reply = await engines.client.send(call.region, target, call.body.toString("utf8").replaceAll(regionArn, ENGINE_ARN));
	const { "x-amz-crc32": _, ...headers } = answer(reply).headers;
	return { status: reply.status, headers, body: reply.body.toString("utf8").replaceAll(ENGINE_ARN, regionArn) };
}

const PASSED_HEADERS = ["content-type", "x-amzn-requestid", "x-amz-crc32"] as const;

function answer(reply: EngineReply): AwsReply {
	const headers: Record<string, string> = {};
	for (const name of PASSED_HEADERS) {
		const value = reply.headers[name];
		if (typeof value === "string") headers[name] = value;
	}
	return { status: reply.status, headers, body: reply.body };
}
