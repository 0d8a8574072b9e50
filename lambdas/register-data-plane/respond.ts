import { request } from "node:https";

/** What CloudFormation is told about its custom resource. */
export interface ResourceAnswer {
	readonly Status: "SUCCESS" | "FAILED";
	readonly Reason?: string;
	readonly PhysicalResourceId: string;
	readonly StackId: string;
	readonly RequestId: string;
	readonly LogicalResourceId: string;
}

/** Puts an answer to the presigned address that CloudFormation waits at. */
export type Respond = (responseUrl: string, answer: ResourceAnswer) => Promise<void>;

const TIMEOUT_MS = 10_000;

/** @throws Error when the address does not take it: the function is then tried again */
export const respond: Respond = (responseUrl, answer) =>
	new Promise((resolve, reject) => {
		const body = JSON.stringify(answer);
		// The signature of the address covers an empty content type
		const headers = { "content-type": "", "content-length": Buffer.byteLength(body) };
		request(responseUrl, { method: "PUT", headers, signal: AbortSignal.timeout(TIMEOUT_MS) }, (response) => {
			response.resume();
			if ((response.statusCode ?? 500) < 300) resolve();
			else reject(new Error(`CloudFormation answered ${response.statusCode}`));
		})
			.on("error", reject)
			.end(body);
	});
