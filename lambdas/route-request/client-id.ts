import type { CloudFrontHeaders } from "aws-lambda";

const COOKIE = /(?:^|;\s*)heliotrope-client=([^;\s]+)/;
const MAX_CHARS = 128;
/** Visible ASCII: what may be sent on as a header value. */
const UNFIT = /[^\x21-\x7e]/g;

/** The sticky identity of a client: what it calls itself, else its cookie, else its address. Never empty. */
export function clientIdOf(headers: CloudFrontHeaders, clientIp: string): string {
	const cookies = (headers["cookie"] ?? []).map(({ value }) => value).join("; ");
	const candidates = [headers["x-heliotrope-client-id"]?.[0]?.value, COOKIE.exec(cookies)?.[1], clientIp];
	return candidates.map((id) => (id ?? "").replace(UNFIT, "").slice(0, MAX_CHARS)).find((id) => id !== "") ?? "unknown";
}
