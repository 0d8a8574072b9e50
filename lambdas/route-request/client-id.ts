import type { CloudFrontHeaders } from "aws-lambda";

const COOKIE = /(?:^|;\s*)heliotrope-client=([^;\s]+)/;
const MAX_CHARS = 128;
/** Visible ASCII: what may be sent on as a header value. */
const FIT = /^[\x21-\x7e]+$/;
const UNFIT = /[^\x21-\x7e]/g;

/** The sticky identity of a client: what it calls itself, else its cookie, else its address. Never empty. */
export const clientIdOf = (headers: CloudFrontHeaders, clientIp: string | undefined): string =>
	cleaned(headers["x-heliotrope-client-id"]?.[0]?.value) || cleaned(cookieOf(headers["cookie"])) || cleaned(clientIp) || "unknown";

function cleaned(id: string | undefined): string {
	if (id === undefined) return "";
	return (FIT.test(id) ? id : id.replace(UNFIT, "")).slice(0, MAX_CHARS);
}

function cookieOf(cookies: CloudFrontHeaders[string] | undefined): string | undefined {
	for (const { value } of cookies ?? []) {
		const found = COOKIE.exec(value)?.[1];
		if (found !== undefined) return found;
	}
	return undefined;
}
