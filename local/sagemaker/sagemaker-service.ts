import { type AwsCall, type AwsReply, type AwsService, awsError } from "#local/gateway/aws-service.ts";

/** Of a request, and of an answer. @see https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

export interface SageMakerOptions {
	/** Endpoint name -> base URL of the process behind it, undefined for names that are none. May reject where no process comes up. */
	readonly urlOf: (endpointName: string) => Promise<string> | undefined;
	/** The other API of the service. @default there is none */
	readonly control?: (operation: string, body: unknown) => Promise<AwsReply>;
	/** Told why a call was not answered. @default nobody is told */
	readonly log?: (line: string) => void;
}

/** SageMaker: `POST /endpoints/{name}/invocations` goes to the process's `/invocations`, everything else to the control plane. */
export const sagemakerService = ({ urlOf, control, log }: SageMakerOptions): AwsService => ({
	name: "sagemaker",
	handle: async (call) => {
		if (call.operation === undefined) return invokeEndpoint(call, urlOf, log);
		if (control === undefined) return awsError(400, "UnknownOperationException", `there is no ${call.operation} here`);
		return control(call.operation, JSON.parse(call.body.toString("utf8") || "{}"));
	},
});

async function invokeEndpoint(call: AwsCall, urlOf: SageMakerOptions["urlOf"], log: SageMakerOptions["log"]): Promise<AwsReply> {
	const name = /^\/endpoints\/([^/]+)\/invocations$/.exec(call.path)?.[1];
	const coming = name === undefined ? undefined : urlOf(name);
	if (coming === undefined) return awsError(400, "ValidationError", `Endpoint ${name ?? "?"} of account 000000000000 not found.`);
	if (call.body.length > MAX_BODY_BYTES) return awsError(413, "ValidationError", "the request body is larger than 4 MB");
	const answer = await coming.then((url) => ask(url, call)).catch((error: unknown) => log?.(`endpoint ${name}: ${String(error)}`));
	if (answer === undefined) return awsError(503, "ServiceUnavailable", "the model process does not answer");
	const body = Buffer.from(await answer.arrayBuffer());
	if (answer.status !== 200) return modelError(answer.status, body.toString("utf8"));
	if (body.length > MAX_BODY_BYTES)
		return modelError(413, `the answer has ${body.length} bytes, more than the 4 MB of a serverless endpoint`);
	return { status: 200, headers: { "content-type": answer.headers.get("content-type") ?? "application/json" }, body };
}

const ask = (modelUrl: string, { headers, body }: AwsCall): Promise<Response> =>
	fetch(`${modelUrl}/invocations`, {
		method: "POST",
		headers: { "content-type": headers["content-type"] ?? "application/octet-stream", accept: headers["accept"] ?? "*/*" },
		body: new Uint8Array(body),
	});

const modelError = (status: number, message: string): AwsReply => ({
	status: 424,
	headers: { "content-type": "application/json", "x-amzn-errortype": "ModelError" },
	body: JSON.stringify({ Message: `Received error (${status}) from model`, OriginalStatusCode: status, OriginalMessage: message }),
});
