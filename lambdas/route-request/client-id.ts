import type { CloudFrontHeaders } from "aws-lambda";

const COOKIE = "heliotrope-client=";
const MAX_CHARS = 128;
/** Visible ASCII: what may be sent on as a header value. */
const FIT = /^[\x21-\x7e]{1,128}$/;
const UNFIT = /[^\x21-\x7e]/g;
const [SPACE, SEMICOLON] = [" ".charCodeAt(0), ";".charCodeAt(0)] as const;

/** The sticky identity of a client: what it calls itself, else its cookie, else its address. Never empty. */
export function clientIdOf(headers: CloudFrontHeaders, clientIp: string | undefined): string {
	const named = headers["x-heliotrope-client-id"];
	return (named && cleaned(named[0]?.value)) || cleaned(cookieOf(headers["cookie"])) || cleaned(clientIp) || "unknown";
}

function cleaned(id: string | undefined): string {
	if (id === undefined) return "";
	return FIT.test(id) ? id : id.replace(UNFIT, "").slice(0, MAX_CHARS);
}

function cookieOf(cookies: CloudFrontHeaders[string] | undefined): string | undefined {
	if (cookies === undefined) return undefined;
	for (const { value } of cookies) {
		for (let at = value.indexOf(COOKIE); at >= 0; at = value.indexOf(COOKIE, at + 1)) {
			// the end of another cookie's name is none
			const before = at === 0 ? SEMICOLON : value.charCodeAt(at - 1);
			if (before !== SEMICOLON && before !== SPACE) continue;
			const end = value.indexOf(";", at);
			return value.slice(at + COOKIE.length, end < 0 ? value.length : end);
		}
	}
	return undefined;
}
