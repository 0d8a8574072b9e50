import fc from "#test/__helpers__/fast-check.ts";

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
		{ weight: 9, arbitrary: fc.constant(own) },
		{
			weight: 3,
			arbitrary: fc.constantFrom(victim, encodeURIComponent(victim), [...victim].map((c) => `%${c.charCodeAt(0).toString(16)}`).join("")),
		},
		{ weight: 2, arbitrary: fc.tuple(fc.constantFrom(own, victim), nasty).map(([name, tail]) => name + tail) },
		{ weight: 2, arbitrary: fc.tuple(fc.constantFrom(own, ""), nasty, fc.constant(victim)).map((parts) => parts.join("")) },
		{ weight: 1, arbitrary: encoded },
	);

const key = fc.oneof({ weight: 3, arbitrary: fc.constantFrom("k0", "k1", "k2", "a%2Fb") }, { weight: 2, arbitrary: encoded });

const ANY_METHOD = fc.constantFrom("GET", "PUT", "DELETE", "POST", "HEAD", "PATCH", "OPTIONS", "get", "nonsense");
const mostly = (...methods: readonly string[]) =>
	fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...methods) }, { weight: 1, arbitrary: ANY_METHOD });

const target = (own: string, victim: string) => {
	const below = (rest: fc.Arbitrary<string>) =>
		fc.tuple(partition(own, victim), rest).map(([name, tail]) => `/v1/partitions/${name}/${tail}`);
	const items = fc.record({ method: mostly("GET", "PUT", "PUT", "DELETE"), path: below(key.map((item) => `items/${item}`)) });
	const lists = fc.record({ method: mostly("GET"), path: below(fc.constant("items")) });
	const batches = fc.record({ method: mostly("POST"), path: below(fc.constant("batch")) });
	return fc.oneof(
		{ weight: 6, arbitrary: items },
		{ weight: 4, arbitrary: lists },
		{ weight: 4, arbitrary: batches },
		{ weight: 1, arbitrary: fc.record({ method: ANY_METHOD, path: below(word) }) },
		{ weight: 1, arbitrary: fc.record({ method: ANY_METHOD, path: encoded }) },
	);
};

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

/** Mostly not there: a request with everything wrong is refused for the first of its faults, and says nothing of the others. */
const seldom = (value: fc.Arbitrary<string>): fc.Arbitrary<string | undefined> =>
	fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

const headers = (known: Known): fc.Arbitrary<Record<string, string>> =>
	fc
		.record({
			authorization: fc.oneof(
				{ weight: 12, arbitrary: fc.constant(known.authorizations[0]) },
				{ weight: 1, arbitrary: damaged(known.authorizations) },
			),
			"x-heliotrope-authorization": seldom(damaged(known.authorizations)),
			"if-match": seldom(fc.oneof(nasty, fc.constantFrom('"1-1"', "*"))),
			"if-none-match": seldom(fc.oneof(nasty, fc.constantFrom('"1-1"', "*"))),
			"content-type": seldom(fc.oneof(nasty, fc.constant("text/plain"))),
			"content-length": seldom(fc.oneof(nasty, fc.nat().map(String))),
			"idempotency-key": seldom(fc.oneof(nasty, fc.constantFrom("K1", "K2"))),
			"x-heliotrope-consistency": seldom(fc.oneof(nasty, fc.constantFrom("eventual", "session", "linearizable"))),
			"x-heliotrope-session": seldom(damaged(known.sessions)),
			"x-heliotrope-timeout-ms": seldom(fc.oneof(nasty, fc.constantFrom("1", "5000"))),
			"x-heliotrope-buckets": seldom(fc.oneof(nasty, fc.constantFrom("1", "2", "64", "65"))),
			"x-heliotrope-canary": seldom(fc.oneof(nasty, fc.constant("1"))),
			"x-heliotrope-hops": seldom(fc.oneof(nasty, fc.constantFrom("0", "1", "2", "99"))),
			"x-heliotrope-request-id": seldom(fc.oneof(nasty, fc.constant("forged-request-id"))),
			"x-heliotrope-client": seldom(word),
			"x-heliotrope-edge-region": seldom(word),
			"x-heliotrope-partition": seldom(fc.constant(known.victim)),
		})
		.map((all) => Object.fromEntries(Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))));

const operation = fc.oneof(
	{
		weight: 8,
		arbitrary: fc.record({ method: fc.constantFrom("GET", "DELETE"), key: fc.oneof(fc.constantFrom("k0", "k1", "secret"), word) }),
	},
	{
		weight: 8,
		arbitrary: fc.record({
			method: fc.constant("PUT"),
			key: fc.constantFrom("k0", "k1", "k2"),
			body: word,
			encoding: fc.constantFrom("utf8", "base64"),
		}),
	},
	fc.anything(),
);
const batch = fc
	.array(operation, { maxLength: 6 })
	.map((operations) => JSON.stringify({ operations }, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)));
const body = fc.oneof(
	{ weight: 12, arbitrary: batch },
	{ weight: 2, arbitrary: word },
	{ weight: 2, arbitrary: fc.json() },
	{ weight: 2, arbitrary: batch.map((text) => text.slice(0, -3)) },
	{ weight: 2, arbitrary: fc.uint8Array({ maxLength: 200 }) },
	{ weight: 1, arbitrary: fc.constantFrom(new Uint8Array(256 * 1024 + 1), "[".repeat(20_000)) },
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
			{ maxLength: 2 },
		)
		.map((parts) => parts.join("&"));

/** Requests of a caller who may reach `known.own` only. */
export const fuzzRequest = (known: Known): fc.Arbitrary<FuzzRequest> =>
	fc
		.record({ target: target(known.own, known.victim), query: query(known), headers: headers(known), body })
		.map(({ target: at, ...rest }) => ({ ...at, ...rest }));
