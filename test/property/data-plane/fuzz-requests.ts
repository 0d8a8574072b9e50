import fc from "fast-check";

/** A request as a hostile client may send it. */
export interface FuzzRequest {
	readonly method: string;
	readonly path: string;
	readonly query: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string | Uint8Array;
}

/** Texts that have broken parsers before. */
const NASTY = [
	"",
	"%",
	"%zz",
	"%00",
	"\u0000",
	"%C0%AF",
	"%F0%9F",
	"..",
	"%2e%2e",
	"%252e%252e%252f",
	"../victim/items",
	"%2F",
	"//",
	"?",
	"#",
	"\\",
	" ",
	"\r\nx-injected: 1",
	"\uD800",
	"\uFEFF",
	"\u202Ekcab",
	"victim：1",
	"ｖictim",
	"vіctim",
	"__proto__",
	"constructor",
	"a".repeat(5000),
	"é".repeat(300),
	"\u{10FFFF}".repeat(130),
	"9".repeat(400),
	"-1",
	"1e999",
	"NaN",
	"{}",
	"null",
	'"',
	"W/",
	"*",
];

const nasty = fc.constantFrom(...NASTY);
const word = fc.oneof(nasty, fc.string({ unit: "binary", maxLength: 40 }), fc.string({ unit: "grapheme", maxLength: 20 }));
/** Percent-encoded in none, some or all places, once or twice. */
const encoded = word.chain((text) =>
	fc.constantFrom(
		text,
		safely(encodeURIComponent, text),
		safely(encodeURI, text),
		safely(encodeURIComponent, safely(encodeURIComponent, text)),
	),
);

function safely(encode: (text: string) => string, text: string): string {
	try {
		return encode(text);
	} catch {
		return text;
	}
}

const partition = (own: string, victim: string) =>
	fc.oneof(
		{ weight: 4, arbitrary: fc.constant(own) },
		{
			weight: 3,
			arbitrary: fc.constantFrom(victim, encodeURIComponent(victim), [...victim].map((c) => `%${c.charCodeAt(0).toString(16)}`).join("")),
		},
		{ weight: 2, arbitrary: fc.tuple(fc.constantFrom(own, victim), nasty).map(([name, tail]) => name + tail) },
		{ weight: 2, arbitrary: fc.tuple(fc.constantFrom(own, ""), nasty, fc.constant(victim)).map((parts) => parts.join("")) },
		{ weight: 1, arbitrary: encoded },
	);

const key = fc.oneof({ weight: 3, arbitrary: fc.constantFrom("k0", "k1", "k2", "a%2Fb") }, { weight: 2, arbitrary: encoded });

const path = (own: string, victim: string) =>
	fc.oneof(
		{ weight: 5, arbitrary: fc.tuple(partition(own, victim), key).map(([name, item]) => `/v1/partitions/${name}/items/${item}`) },
		{ weight: 3, arbitrary: partition(own, victim).map((name) => `/v1/partitions/${name}/items`) },
		{ weight: 3, arbitrary: partition(own, victim).map((name) => `/v1/partitions/${name}/batch`) },
		{ weight: 1, arbitrary: fc.tuple(partition(own, victim), word).map(([name, tail]) => `/v1/partitions/${name}/${tail}`) },
		{ weight: 1, arbitrary: encoded },
	);

/** Replayed cursors, tokens and session tokens, the victim's among them, come in through `known`. */
export interface Known {
	readonly own: string;
	readonly victim: string;
	readonly cursors: readonly string[];
	readonly authorizations: readonly string[];
	readonly sessions: readonly string[];
}

const damaged = (values: readonly string[]) =>
	fc.oneof(
		fc.constantFrom(...values),
		fc.tuple(fc.constantFrom(...values), fc.nat(), fc.constantFrom("A", "_", "=", "", "%00")).map(([text, at, by]) => {
			const place = at % Math.max(1, text.length);
			return text.slice(0, place) + by + text.slice(place + 1);
		}),
		nasty,
	);

const headers = (known: Known) =>
	fc.record(
		{
			authorization: fc.oneof({ weight: 6, arbitrary: fc.constant(known.authorizations[0] ?? "") }, damaged(known.authorizations)),
			"x-heliotrope-authorization": damaged(known.authorizations),
			"if-match": fc.oneof(nasty, fc.constantFrom('"1-1"', "*")),
			"if-none-match": fc.oneof(nasty, fc.constantFrom('"1-1"', "*")),
			"content-type": fc.oneof(nasty, fc.constant("text/plain")),
			"content-length": fc.oneof(nasty, fc.nat().map(String)),
			"idempotency-key": fc.oneof(nasty, fc.constantFrom("K1", "K2")),
			"x-heliotrope-consistency": fc.oneof(nasty, fc.constantFrom("eventual", "session", "linearizable")),
			"x-heliotrope-session": damaged(known.sessions),
			"x-heliotrope-timeout-ms": fc.oneof(nasty, fc.constantFrom("1", "5000")),
			"x-heliotrope-buckets": fc.oneof(nasty, fc.constantFrom("1", "2", "64", "65")),
			"x-heliotrope-canary": fc.oneof(nasty, fc.constant("1")),
			"x-heliotrope-hops": fc.oneof(nasty, fc.constantFrom("0", "1", "2", "99")),
			"x-heliotrope-request-id": fc.oneof(nasty, fc.constant("forged-request-id")),
			"x-heliotrope-client": word,
			"x-heliotrope-edge-region": word,
			"x-heliotrope-partition": fc.constant(known.victim),
		},
		{ requiredKeys: [] },
	);

const operation = fc.oneof(
	fc.record({ method: fc.constantFrom("GET", "DELETE"), key: fc.oneof(fc.constantFrom("k0", "k1"), word) }),
	fc.record({
		method: fc.constant("PUT"),
		key: fc.oneof(fc.constantFrom("k0", "k1"), word),
		body: word,
		encoding: fc.constantFrom("utf8", "base64", "x"),
	}),
	fc.anything(),
);
const batch = fc
	.array(operation, { maxLength: 28 })
	.map((operations) => JSON.stringify({ operations }, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)));
const body = fc.oneof(
	{ weight: 3, arbitrary: batch },
	word,
	fc.json(),
	batch.map((text) => text.slice(0, -3)),
	fc.uint8Array({ maxLength: 200 }),
	fc.constantFrom(new Uint8Array(256 * 1024 + 1), "[".repeat(20_000)),
);

const query = (known: Known) =>
	fc
		.array(
			fc.oneof(
				damaged(known.cursors).map((cursor) => `cursor=${cursor}`),
				encoded.map((prefix) => `prefix=${prefix}`),
				fc.oneof(nasty, fc.constantFrom("1", "1000")).map((limit) => `limit=${limit}`),
				fc.constantFrom("prefix=victim", "prefix=..%2Fvictim", "prefix=&prefix=secret"),
				word,
			),
			{ maxLength: 4 },
		)
		.map((parts) => parts.join("&"));

/** Requests of a caller who may reach `known.own` only. */
export const fuzzRequest = (known: Known): fc.Arbitrary<FuzzRequest> =>
	fc.record({
		method: fc.constantFrom("GET", "GET", "PUT", "PUT", "DELETE", "POST", "HEAD", "PATCH", "OPTIONS", "get", "nonsense"),
		path: path(known.own, known.victim),
		query: query(known),
		headers: headers(known),
		body,
	});
