import type { LambdaFunctionURLEvent } from "aws-lambda";

/** A request as a client or another region sends it. */
export interface PlainRequest {
	readonly method: string;
	/** Percent-encoded path, with query string where there is one. */
	readonly target: string;
	/** Names in lower case. */
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
}

/** The event that a function URL makes of a request (payload 2.0), as far as the data plane reads it. */
export function functionUrlEvent({ method, target, headers, body }: PlainRequest): LambdaFunctionURLEvent {
	const mark = target.indexOf("?");
	const rawPath = mark < 0 ? target : target.slice(0, mark);
	return {
		version: "2.0",
		routeKey: "$default",
		rawPath,
		rawQueryString: mark < 0 ? "" : target.slice(mark + 1),
		headers: { ...headers },
		requestContext: {
			accountId: "anonymous",
			apiId: "simulation",
			domainName: "simulation",
			domainPrefix: "simulation",
			http: { method, path: rawPath, protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "simulation" },
			requestId: "simulation",
			routeKey: "$default",
			stage: "$default",
			time: "14/Nov/2023:22:13:20 +0000",
			timeEpoch: 0,
		},
		body,
		isBase64Encoded: false,
	};
}
