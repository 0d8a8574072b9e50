import { isPartitionId, type PartitionId } from "#domain/partition/partition-id.ts";

/** Header fields by their names in lower case, as CloudFront hands them over. */
export type RuledHeaders = Readonly<Record<string, readonly { readonly value: string }[] | undefined>>;

/** What a request names, or the problem to answer with (RFC 9457 `code`). */
export type RuledPartition =
	| { readonly kind: "partition"; readonly partition: PartitionId }
	| {
			readonly kind: "problem";
			readonly status: 400 | 404;
			readonly code: "route.not-found" | "partition.invalid" | "partition.missing";
			readonly detail: string;
	  };

/** @param path as sent, percent-encoded, without a query */
export type PartitionRule = (path: string, headers: RuledHeaders) => RuledPartition;

/** The data API's own. */
export const DEFAULT_PARTITION_RULE = "path:/v1/partitions/{partition}/*";

const HOLE = "{partition}";
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

/**
 * Reads a rule, once, into a function that never throws:
 * `path:/tenants/{partition}/*` (one whole segment; `*` at the end stands for at least one character more) · `host:{partition}.example.com`
 * (one whole label) · `header:x-tenant` · `cookie:tenant` · `claim:tenant` (a string in the bearer token's payload, whose signature is left
 * to the data plane to verify: a forged one is sent to the wrong region at most).
 *
 * @throws TypeError that says what is wrong and what would be right
 */
export function parsePartitionRule(rule: string): PartitionRule {
	const colon = rule.indexOf(":");
	const [kind, rest] = [rule.slice(0, colon), rule.slice(colon + 1)];
	switch (kind) {
		case "path":
			return byPath(rule, rest);
		case "host":
			return byHost(rule, rest);
		case "header":
			if (!HEADER_NAME.test(rest.toLowerCase())) throw wrong(rule, "after header: a header name, for example header:x-tenant");
			return byValue(`header ${rest}`, (headers) => fieldOf(headers, rest.toLowerCase()));
		case "cookie":
			if (!HEADER_NAME.test(rest.toLowerCase())) throw wrong(rule, "after cookie: a cookie name, for example cookie:tenant");
			return byValue(`cookie ${rest}`, (headers) => cookieOf(fieldOf(headers, "cookie", "; "), rest));
		case "claim":
			if (rest === "") throw wrong(rule, "after claim: a claim's name, for example claim:tenant");
			return byValue(`claim ${rest} of the bearer token`, (headers) => claimOf(fieldOf(headers, "authorization"), rest));
		default:
			throw wrong(rule, "path:, host:, header:, cookie: or claim:, for example path:/tenants/{partition}/*");
	}
}

/** A field that is given more than once, as whoever reads the request behind the edge finds it (RFC 9110, section 5.2). */
function fieldOf(headers: RuledHeaders, name: string, separator = ", "): string | undefined {
	const values = headers[name];
	return values === undefined || values.length < 2 ? values?.[0]?.value : values.map(({ value }) => value).join(separator);
}

const wrong = (rule: string, right: string): TypeError => new TypeError(`no partition rule: ${JSON.stringify(rule)}; expected ${right}`);

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function byPath(rule: string, template: string): PartitionRule {
	const open = template.endsWith("/*");
	const fixed = open ? template.slice(0, -1) : template;
	const segments = fixed.split("/");
	if (!template.startsWith("/") || segments.filter((segment) => segment === HOLE).length !== 1 || /[*?#]/.test(fixed)) {
		throw wrong(rule, `after path: a path with one segment ${HOLE}, for example ${DEFAULT_PARTITION_RULE}`);
	}
	const [before = "", after = ""] = fixed.split(HOLE);
	const elsewhere = problem(404, "route.not-found", `Requests are routed by ${template}.`);
	// what follows the slash that ends the segment
	const tail = after.slice(1);
	return (path) => {
		if (!path.startsWith(before)) return elsewhere;
		const slash = path.indexOf("/", before.length);
		const end = slash < 0 ? path.length : slash;
		if (slash < 0 !== (after === "")) return elsewhere;
		const restChars = path.length - end - after.length;
		const fits = (open ? restChars > 0 : restChars === 0) && (tail === "" || path.startsWith(tail, end + 1));
		if (!fits) return elsewhere;
		const segment = path.slice(before.length, end);
		// most names are written as they are, and what encodes something is none
		return isPartitionId(segment) ? { kind: "partition", partition: segment } : named(decoded(segment));
	};
}

function byHost(rule: string, template: string): PartitionRule {
	const labels = template.toLowerCase().split(".");
	if (labels.filter((label) => label === HOLE).length !== 1 || labels.some((label) => label !== HOLE && !/^[a-z0-9-]+$/.test(label))) {
		throw wrong(rule, `after host: a name with one label ${HOLE}, for example host:${HOLE}.example.com`);
	}
	const host = new RegExp(`^${labels.map((label) => (label === HOLE ? "([^.:]+)" : escaped(label))).join("\\.")}(?::\\d+)?$`, "i");
	const missing = problem(404, "route.not-found", `Requests are routed by the host name ${template}.`);
	return (_path, headers) => {
		const label = host.exec(fieldOf(headers, "host") ?? "")?.[1];
		return label === undefined ? missing : named(label.toLowerCase());
	};
}

function byValue(what: string, valueIn: (headers: RuledHeaders) => string | undefined): PartitionRule {
	const missing = problem(400, "partition.missing", `The ${what} names no partition.`);
	return (_path, headers) => {
		const value = valueIn(headers);
		return value === undefined || value === "" ? missing : named(value);
	};
}

const problem = (status: 400 | 404, code: Extract<RuledPartition, { kind: "problem" }>["code"], detail: string): RuledPartition => ({
	kind: "problem",
	status,
	code,
	detail,
});

const INVALID = problem(400, "partition.invalid", "A partition has 1 to 128 of A-Z a-z 0-9 . _ ~ : -");

const named = (value: string | undefined): RuledPartition =>
	value !== undefined && isPartitionId(value) ? { kind: "partition", partition: value } : INVALID;

function decoded(text: string): string | undefined {
	if (!text.includes("%")) return text;
	try {
		return decodeURIComponent(text);
	} catch {
		return undefined;
	}
}

function cookieOf(cookies: string | undefined, name: string): string | undefined {
	for (const pair of (cookies ?? "").split(";")) {
		const equals = pair.indexOf("=");
		if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
	}
	return undefined;
}

function claimOf(authorization: string | undefined, name: string): string | undefined {
	const payload = /^bearer [\w-]+\.([\w-]+)\.[\w-]*$/i.exec(authorization ?? "")?.[1];
	if (payload === undefined) return undefined;
	try {
		const claims: unknown = JSON.parse(textOf(payload));
		const value = Object.entries(claims ?? {}).find(([key]) => key === name)?.[1];
		return typeof value === "string" ? value : undefined;
	} catch {
		return undefined;
	}
}

/** base64url as UTF-8. @throws Error when it is neither */
function textOf(base64url: string): string {
	const binary = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
	return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(binary, (char) => char.charCodeAt(0)));
}
