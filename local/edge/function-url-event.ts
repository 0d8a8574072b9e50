import { isUtf8 } from "node:buffer";
import type { LambdaFunctionURLEventWithIAMAuthorizer } from "aws-lambda";
import { headerMap } from "#local/edge/cloudfront-event.ts";

/** A request as a function URL has received it. */
export interface FunctionUrlRequest {
	readonly method: string;
	/** Path and query as sent. */
	readonly target: string;
	readonly rawHeaders: readonly string[];
	readonly sourceIp: string;
	readonly body: Buffer;
	readonly domainName: string;
	readonly requestId: string;
	/** Milliseconds since the Unix epoch. */
	readonly nowMs: number;
	/** Who signed the request. */
	readonly accessKeyId: string;
}

const ACCOUNT = "000000000000";
const TEXT = /^(text\/|application\/(json|xml|javascript|x-www-form-urlencoded)|application\/[^;]*\+(json|xml))/i;

/** The event of payload format 2.0. Path and query stay encoded as they were sent; values of one header are joined by commas. */
export function functionUrlEvent(request: FunctionUrlRequest): LambdaFunctionURLEventWithIAMAuthorizer {
	const [rawPath = "/", ...query] = request.target.split("?");
	const rawQueryString = query.join("?");
	// what signed the request ends at the entrance
	const { cookie, authorization: _, ...headers } = lowerCaseHeaders(request.rawHeaders);
	const parameters = parametersOf(rawQueryString);
	return {
		version: "2.0",
		routeKey: "$default",
		rawPath,
		rawQueryString,
		...(cookie === undefined ? {} : { cookies: cookie.split(/;\s*/) }),
		headers: { ...headers, "x-forwarded-for": request.sourceIp },
		...(parameters === undefined ? {} : { queryStringParameters: parameters }),
		requestContext: {
			accountId: ACCOUNT,
			apiId: domainPrefix(request.domainName),
			authorizer: authorizer(request.accessKeyId),
			domainName: request.domainName,
			domainPrefix: domainPrefix(request.domainName),
			http: {
				method: request.method,
				path: rawPath,
				protocol: "HTTP/1.1",
				sourceIp: request.sourceIp,
				userAgent: headers["user-agent"] ?? "",
			},
			requestId: request.requestId,
			routeKey: "$default",
			stage: "$default",
			time: new Date(request.nowMs).toISOString(),
			timeEpoch: Math.floor(request.nowMs),
		},
		...bodyOf(request.body, headers["content-type"] ?? ""),
	};
}

/** Text goes as it is, all else in base64. */
function bodyOf(body: Buffer, contentType: string): { body?: string; isBase64Encoded: boolean } {
	if (body.length === 0) return { isBase64Encoded: false };
	const isText = TEXT.test(contentType) && isUtf8(body);
	return { body: body.toString(isText ? "utf8" : "base64"), isBase64Encoded: !isText };
}

const lowerCaseHeaders = (rawHeaders: readonly string[]): Record<string, string> =>
	Object.fromEntries(
		Object.entries(headerMap(rawHeaders)).map(([name, entries]) => [
			name,
			entries.map(({ value }) => value).join(name === "cookie" ? "; " : ","),
		]),
	);

function parametersOf(query: string): Record<string, string> | undefined {
	if (query === "") return undefined;
	const parameters: Record<string, string> = {};
	for (const [name, value] of new URLSearchParams(query)) parameters[name] = name in parameters ? `${parameters[name]},${value}` : value;
	return parameters;
}

const domainPrefix = (domainName: string): string => domainName.split(".")[0] ?? domainName;

const authorizer = (accessKeyId: string) => ({
	iam: {
		accessKey: accessKeyId,
		accountId: ACCOUNT,
		callerId: accessKeyId,
		cognitoIdentity: null,
		principalOrgId: "o-local",
		userArn: `arn:aws:iam::${ACCOUNT}:user/${accessKeyId}`,
		userId: accessKeyId,
	},
});
