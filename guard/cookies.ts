import type { APIGatewayProxyStructuredResultV2, LambdaFunctionURLEvent } from "aws-lambda";

/** The cookies of a request as a header. An event tells them among its headers, in a list of their own (payload format 2.0), or in both. */
export function cookieHeader({ headers, cookies = [] }: LambdaFunctionURLEvent): Readonly<Record<string, string>> {
	return headers["cookie"] !== undefined || cookies.length === 0 ? {} : { cookie: cookies.join("; ") };
}

/** Where the next cookie of several begins: a name and `=` after the comma, which the one in a date (`Wed, 21 Oct`) does not have. */
const NEXT_COOKIE = /,\s*(?=[^\s=,;]+=)/;

/** An answer whose header sets several cookies at once, as HTTP's fields of one name are joined, with a list of them: no browser takes them joined. */
export function withCookiesApart(result: APIGatewayProxyStructuredResultV2): APIGatewayProxyStructuredResultV2 {
	const { "set-cookie": joined, ...headers } = result.headers ?? {};
	return joined === undefined ? result : { ...result, headers, cookies: String(joined).split(NEXT_COOKIE) };
}
