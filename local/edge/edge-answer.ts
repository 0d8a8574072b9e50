/** How CloudFront says what became of a request (`x-edge-detailed-result-type`). */
export const ResultType = {
	Miss: "Miss",
	Error: "Error",
	LambdaGeneratedResponse: "LambdaGeneratedResponse",
	/** The function threw, timed out or was throttled. */
	LambdaExecutionError: "LambdaExecutionError",
	/** The function returned what CloudFront does not take. */
	LambdaValidationError: "LambdaValidationError",
	OriginDnsError: "OriginDnsError",
	OriginConnectError: "OriginConnectError",
	OriginCommError: "OriginCommError",
} as const;
export type ResultType = (typeof ResultType)[keyof typeof ResultType];

export interface EdgeAnswer {
	readonly status: number;
	readonly headers: Readonly<Record<string, string | string[]>>;
	readonly body: Buffer;
	readonly resultType: ResultType;
	/** The host of the origin that was asked; absent where none was. */
	readonly originHost?: string;
}

/** What CloudFront itself answers when it has nothing else: a short page, marked as its own. 503 bears `Retry-After`, as all of ours do. */
export const errorPage = (status: number, resultType: ResultType, detail: string): EdgeAnswer => ({
	status,
	headers: {
		"content-type": "text/html",
		"x-cache": "Error from cloudfront",
		...(status === 503 ? { "retry-after": "1" } : {}),
	},
	body: Buffer.from(
		`<html><head><title>ERROR: The request could not be satisfied</title></head><body><h1>${status}</h1><p>${detail}</p></body></html>\n`,
	),
	resultType,
});

/** The answer's own connection decides on these. */
const CONNECTION_HEADERS = new Set(["content-length", "connection", "keep-alive", "transfer-encoding"]);

export const withoutHopByHop = (headers: Readonly<Record<string, string | string[]>>): Record<string, string | string[]> =>
	Object.fromEntries(Object.entries(headers).filter(([name]) => !CONNECTION_HEADERS.has(name)));
