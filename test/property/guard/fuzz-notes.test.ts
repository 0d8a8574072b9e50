import type { Context } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { createNotes } from "#examples/notes/handler.ts";
import type { GuardedContext } from "#guard/index.ts";
import { DataPlaneWorld, EU, functionUrlEvent, US } from "#test/__helpers__/data-plane-world.ts";
import fc from "#test/__helpers__/fast-check.ts";

const RUNS = Number(process.env["HELIOTROPE_FUZZ_RUNS"] ?? 2_000);
const SEED = Number(process.env["HELIOTROPE_FUZZ_SEED"] ?? Date.now() % 2 ** 31);
const VICTIM = "victim";
const SECRET = "what nobody else may read";

const nasty = fc.constantFrom(
	...[
		"",
		"%",
		"%00",
		"\u0000",
		"..",
		"%2e%2e",
		"%2F",
		"//",
		"?",
		"\\",
		" ",
		"\r\nx: 1",
		"\uD800",
		"ｖictim",
		"__proto__",
		"constructor",
		"*",
		'"',
	],
	...["a".repeat(5000), "é".repeat(300), "-1", "1e999", "null", "{}"],
);
const word = fc.oneof(nasty, fc.string({ unit: "binary", maxLength: 30 }), fc.string({ unit: "grapheme", maxLength: 20 }));
/** Owners, none of which is the victim, however near some of them come. */
const owner = fc
	.oneof(
		{ weight: 6, arbitrary: fc.constantFrom("me", "you") },
		{ weight: 2, arbitrary: word },
		{
			weight: 2,
			arbitrary: fc.tuple(fc.constantFrom("", "me/", "me%2F", "../"), fc.constant(VICTIM), nasty).map((parts) => parts.join("")),
		},
	)
	.filter((name) => name.split("/")[0] !== VICTIM);
const note = fc.oneof({ weight: 4, arbitrary: fc.constantFrom("n0", "n1") }, { weight: 1, arbitrary: word });
const path = fc.oneof(
	{ weight: 8, arbitrary: fc.tuple(owner, note).map(([whose, which]) => `/notes/${whose}/${which}`) },
	{ weight: 4, arbitrary: owner.map((whose) => `/notes/${whose}`) },
	{ weight: 1, arbitrary: word.filter((text) => !text.includes(VICTIM)) },
);

const title = fc.record({ title: word, text: word });
const body = fc.oneof(
	title.map((value) => JSON.stringify(value)),
	fc.dictionary(fc.oneof(fc.constantFrom("n0", "n1", "n2"), word), title).map((value) => JSON.stringify(value)),
	word,
	fc.json(),
);

const seldom = (value: fc.Arbitrary<string>) =>
	fc.oneof({ weight: 7, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.oneof(nasty, value) });
const headers = fc
	.record({
		"if-match": seldom(fc.constantFrom('"1-1"', "*")),
		"idempotency-key": seldom(fc.constantFrom("K1", "K2")),
		authorization: seldom(fc.constant("Bearer x.y.z")),
		cookie: seldom(fc.constant("a=1; b=2")),
		"x-heliotrope-timeout-ms": seldom(fc.constantFrom("1", "5000")),
		"x-heliotrope-buckets": seldom(fc.constantFrom("1", "2", "64", "65")),
		"x-heliotrope-canary": seldom(fc.constant("1")),
		"x-heliotrope-hops": seldom(fc.constantFrom("0", "1", "2", "99")),
		"x-heliotrope-request-id": seldom(fc.constant("forged-request-id")),
		"x-heliotrope-partition": seldom(fc.constant(`notes:${VICTIM}`)),
		"x-heliotrope-edge-region": seldom(word),
		"x-heliotrope-segment": seldom(word),
	})
	.map((all) => Object.fromEntries(Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))));

const request = fc.record({
	method: fc.constantFrom("GET", "PUT", "PUT", "DELETE", "POST", "HEAD", "nonsense"),
	path,
	query: fc.oneof(
		fc.constant(""),
		word.map((text) => `cursor=${text}`),
	),
	headers,
	body,
});

function makeApplication(world: DataPlaneWorld, records: string[]) {
	const notes = createNotes({ deps: world.depsOf(EU), emit: (line) => void records.push(line) });
	const context = { getRemainingTimeInMillis: () => 9_000 } as Context as GuardedContext;
	return async ({ method, path: asked, query, headers: sent, body: text }: { readonly [K in keyof Request]: Request[K] }) => {
		const event = functionUrlEvent(method, asked, query, sent, text);
		const answer = await notes({ ...event, queryStringParameters: Object.fromEntries(new URLSearchParams(query)) }, context);
		const told = Buffer.from(answer.body ?? "", answer.isBase64Encoded === true ? "base64" : "utf8").toString("utf8");
		return { status: answer.statusCode ?? 0, headers: answer.headers ?? {}, text: told };
	};
}

interface Request {
	method: string;
	path: string;
	query: string;
	headers: Record<string, string>;
	body: string;
}

const stored = (world: DataPlaneWorld, partition: string): string =>
	JSON.stringify(
		[...world.store(EU).buckets].filter(([id]) => id.startsWith(`${partition}#`)).map(([id, { items }]) => [id, [...items.values()]]),
	);

describe("the notes application behind the guard", () => {
	it(`answers whatever is sent, and nobody's notes but those that the path names: ${RUNS} requests (HELIOTROPE_FUZZ_RUNS), seed ${SEED}`, async () => {
		const world = new DataPlaneWorld([EU, US]);
		const records: string[] = [];
		const ask = makeApplication(world, records);
		const secret = JSON.stringify({ title: "t", text: SECRET });
		const made = await ask({ method: "PUT", path: `/notes/${VICTIM}/n0`, query: "", headers: {}, body: secret });
		expect(made.status).toBe(201);
		const before = stored(world, `notes:${VICTIM}`);
		const seen = new Set<number>();
		await fc.assert(
			fc.asyncProperty(request, async (sent) => {
				const answer = await ask(sent);
				seen.add(answer.status);
				expect(answer.status, answer.text).toBeLessThan(600);
				if (answer.status >= 500) expect([answer.status, answer.headers["retry-after"], answer.text]).toEqual([503, "1", answer.text]);
				expect(answer.text).not.toContain(SECRET);
				for (const value of Object.values(answer.headers)) expect(String(value)).not.toMatch(/[\r\n\0]/);
				expect(stored(world, `notes:${VICTIM}`)).toBe(before);
			}),
			{ numRuns: RUNS, seed: SEED, endOnFailure: false },
		);
		expect([...seen]).toEqual(expect.arrayContaining([200, 201, 400, 404, 405]));
		expect(world.logs.filter(({ code }) => code === "internal")).toEqual([]);
		for (const line of records) expect(line).toMatch(/^[^\r\n]+\n?$/);
	}, 3_600_000);
});
