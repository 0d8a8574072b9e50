import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { regionId } from "#domain/geography/region-id.ts";
import type { AwsReply } from "#local/gateway/aws-service.ts";
import { awsJson } from "#local/gateway/aws-service.ts";
import { sagemakerService } from "#local/sagemaker/sagemaker-service.ts";

/** An endpoint that answers as the SageMaker runtime (in front of a model process) and records what is asked of Step Functions. */
export interface AwsEndpoints {
	readonly url: string;
	readonly started: { readonly name: string; readonly input: unknown }[];
	stop(): Promise<void>;
}

export async function startAwsEndpoints(
	endpointName: string,
	modelUrl: string,
	others: Readonly<Record<string, string>> = {},
): Promise<AwsEndpoints> {
	const started: { name: string; input: unknown }[] = [];
	const urls = new Map(Object.entries({ [endpointName]: modelUrl, ...others }).map(([name, url]) => [name, Promise.resolve(url)]));
	const sagemaker = sagemakerService({ urlOf: (name) => urls.get(name) });
	const activity = { id: "test", sleep: async () => {}, during: <T>(work: () => Promise<T>) => work(), end: () => {} };
	const answer = async (request: IncomingMessage): Promise<AwsReply> => {
		const body = await bodyOf(request);
		if (request.headers["x-amz-target"] === "AWSStepFunctions.StartExecution") {
			const { name, input } = JSON.parse(body.toString()) as { name: string; input: string };
			const known = started.some((execution) => execution.name === name);
			if (known) return { ...awsJson({ __type: "ExecutionAlreadyExists", message: name }), status: 400 };
			started.push({ name, input: JSON.parse(input) });
			return awsJson({ executionArn: `arn:${name}`, startDate: 0 });
		}
		if (request.headers["x-amz-target"] === "AWSStepFunctions.DescribeExecution") return awsJson({ status: "RUNNING" });
		const headers = Object.fromEntries(Object.entries(request.headers).map(([key, value]) => [key, String(value)]));
		const region = regionId("eu-west-1");
		return sagemaker.handle({
			region,
			caller: undefined,
			activity,
			operation: undefined,
			method: "POST",
			path: request.url ?? "",
			headers,
			body,
		});
	};
	const server = createServer((request, response) => {
		answer(request).then(
			(reply) => response.writeHead(reply.status, reply.headers).end(reply.body),
			(error: unknown) => response.writeHead(500).end(String(error)),
		);
	}).listen(0, "127.0.0.1");
	await once(server, "listening");
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		started,
		stop: async () => {
			server.closeAllConnections();
			server.close();
			await once(server, "close");
		},
	};
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk as Buffer);
	return Buffer.concat(chunks);
}
