/** Keys whose values never reach a log, whatever they hold. */
const SECRET_KEY = /authorization|token|secret|password|passwd|cookie|credential|signature|api-?key|private-?key|session$/i;
/**
 * Values that are secrets wherever they stand: bearer tokens, signatures, JSON web tokens, session tokens of AWS, credentials of other schemes,
 * and whatever a text names as one, as `password=…`, `"secretAccessKey":"…"` or `token: …`.
 */
const SECRET_VALUE = new RegExp(
	[
		/\b(?:bearer|basic)\s+[\w+/=.~-]{4,}/,
		/\bdigest\s+[\w-]+=[^\n]*/,
		/AWS4-HMAC-SHA256[^"]*/,
		/\beyJ[\w-]{4,}\.[\w-]+\.[\w-]*/,
		/(?<=X-Amz-(?:Signature|Security-Token|Credential)=)[^&\s"]+/,
		/(?<=(?:password|passwd|secret(?:access)?key|secret|token|api-?key|private-?key)["']?\s*[=:]\s*["']?)[^&\s"',;]{4,}/,
	]
		.map(({ source }) => source)
		.join("|"),
	"gi",
);
const REDACTED = "[redacted]";

/** A `JSON.stringify` replacer that takes secrets out, by the name of their key and by their looks. */
export function redact(key: string, value: unknown): unknown {
	if (value === undefined || value === null || typeof value === "boolean" || typeof value === "number") return value;
	if (key !== "" && SECRET_KEY.test(key)) return REDACTED;
	if (typeof value === "string") return value.replace(SECRET_VALUE, REDACTED);
	if (typeof value === "bigint") return value.toString();
	return value;
}
