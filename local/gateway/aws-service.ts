import type { RegionId } from "#domain/geography/region-id.ts";
import type { Activity } from "#local/clock/local-clock.ts";
import type { Caller } from "#local/gateway/callers.ts";

/** A signed AWS request after the gateway has read service and region from its credential scope. */
export interface AwsCall {
	readonly region: RegionId;
	/** Undefined for keys the local cloud did not issue (an outside client); treated as coming from `region` itself. */
	readonly caller: Caller | undefined;
	/** The chain of work the call belongs to. Never ended by a service. */
	readonly activity: Activity;
	/** `X-Amz-Target` after the dot, such as `PutItem`; undefined for REST services. */
	readonly operation: string | undefined;
	readonly method: string;
	/** With query string. */
	readonly path: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Buffer;
}

export interface AwsReply {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Buffer | string;
}

/** One AWS service of the local cloud, by its SigV4 service name: `dynamodb`, `states`, `sagemaker`. */
export interface AwsService {
	readonly name: string;
	handle(call: AwsCall): Promise<AwsReply>;
}

/** An error as the AWS JSON 1.0 and REST-JSON protocols shape it. */
export const awsError = (status: number, type: string, message: string): AwsReply => ({
	status,
	headers: { "content-type": "application/x-amz-json-1.0", "x-amzn-errortype": type },
	body: JSON.stringify({ __type: type, message }),
});

export const awsJson = (value: unknown): AwsReply => ({
	status: 200,
	headers: { "content-type": "application/x-amz-json-1.0" },
	body: JSON.stringify(value),
});
