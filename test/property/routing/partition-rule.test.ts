import { describe, expect, it } from "vitest";
import { isPartitionId } from "#domain/partition/partition-id.ts";
import { parsePartitionRule, type RuledHeaders } from "#domain/routing/partition-rule.ts";
import fc from "#test/__helpers__/fast-check.ts";

const RULES = ["path:/tenants/{partition}/*", "host:{partition}.example.com", "header:X-Tenant", "cookie:tenant", "claim:tenant"] as const;
type Rule = (typeof RULES)[number];

const headers = (fields: Readonly<Record<string, readonly string[]>>): RuledHeaders =>
	Object.fromEntries(Object.entries(fields).map(([name, values]) => [name, values.map((value) => ({ value }))]));
const tokenOf = (claims: unknown): string => `Bearer e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`;

/** A request that names a partition as each rule has it, and what must not matter beside it. */
const naming: Readonly<Record<Rule, (partition: string) => readonly [path: string, headers: RuledHeaders]>> = {
	"path:/tenants/{partition}/*": (partition) => [`/tenants/${encodeURIComponent(partition)}/orders`, headers({ "x-tenant": ["other"] })],
	"host:{partition}.example.com": (partition) => ["/", headers({ host: [`${partition}.Example.COM:8443`] })],
	"header:X-Tenant": (partition) => ["/tenants/other/orders", headers({ "x-tenant": [partition] })],
	"cookie:tenant": (partition) => ["/", headers({ cookie: ["xtenant=other; a=b", `not-tenant=other;tenant=${partition} ; z`] })],
	"claim:tenant": (partition) => ["/", headers({ authorization: [tokenOf({ Tenant: "other", tenant: partition, sub: "é" })] })],
};

const fits = fc.stringMatching(/^[A-Za-z0-9._~:-]{1,128}$/);
/** Host names have no capitals, and a label holds no dot. */
const label = fc.stringMatching(/^[a-z0-9~_-]{1,63}$/);
const nasty = fc.oneof(
	fc.string({ unit: "binary", maxLength: 30 }),
	fc.constantFrom("", "a/b", "a%2Fb", "аcme", "a\u0000b", "a,b", "a b", "x".repeat(129), "__proto__", '"acme"', "%E0%A4%A"),
);

describe.each(RULES)("the rule %s", (rule) => {
	const find = parsePartitionRule(rule);

	it("finds every partition that it can name", () => {
		fc.assert(
			fc.property(rule.startsWith("host:") ? label : fits, (partition) => {
				expect(find(...naming[rule](partition))).toEqual({ kind: "partition", partition });
			}),
			{ seed: 61, numRuns: 300 },
		);
	});

	it("never throws, and never makes a partition of what is none", () => {
		fc.assert(
			fc.property(nasty, (text) => {
				// what a path's and a header's separators make of it is another name, or none
				const found = find(...naming[rule](text.isWellFormed() ? text : "\ufffd"));
				if (found.kind === "partition") expect(isPartitionId(found.partition)).toBe(true);
				else expect([400, 404]).toContain(found.status);
			}),
			{ seed: 62, numRuns: 500 },
		);
	});

	it("says what is missing where nothing is named", () => {
		const [status, code] = /^(path|host)/.test(rule) ? [404, "route.not-found"] : [400, "partition.missing"];
		expect(find("/", {})).toMatchObject({ kind: "problem", status, code });
	});
});

describe("a partition named twice", () => {
	it("by a header is no partition, for the application would read another one than the edge", () => {
		const find = parsePartitionRule("header:x-tenant");
		expect(find("/", headers({ "x-tenant": ["acme", "other"] }))).toMatchObject({ kind: "problem", code: "partition.invalid" });
	});

	it("by the host is no host", () => {
		const find = parsePartitionRule("host:{partition}.example.com");
		expect(find("/", headers({ host: ["acme.example.com", "other.example.com"] }))).toMatchObject({ code: "route.not-found" });
	});
});

describe("a claim", () => {
	const find = parsePartitionRule("claim:tenant");
	it.each([
		["no string", tokenOf({ tenant: 7 })],
		["a list", tokenOf({ tenant: ["acme"] })],
		["inherited", tokenOf({ __proto__: { tenant: "acme" } })],
		["of claims that are no object", tokenOf("tenant")],
		["in no base64", "Bearer e30.%%%.c2ln"],
		["in no JSON", `Bearer e30.${Buffer.from("{tenant").toString("base64url")}.c2ln`],
		["in no UTF-8", "Bearer e30._w.c2ln"],
		["of another scheme", tokenOf({ tenant: "acme" }).replace("Bearer", "Basic")],
	])("that is %s names nobody", (_, authorization) => {
		expect(find("/", headers({ authorization: [authorization] }))).toMatchObject({ kind: "problem", code: "partition.missing" });
	});
});

describe("a rule", () => {
	it.each([
		"",
		"query:tenant",
		"path:tenants/{partition}",
		"path:/tenants",
		"path:/{partition}/{partition}",
		"path:/t-{partition}/x",
		"path:/{partition}/*/x",
		"host:example.com",
		"host:{partition}.{partition}.com",
		"host:{partition}.exa mple.com",
		"header:",
		"header:x tenant",
		"cookie:",
		"cookie:a=b",
		"claim:",
	])("that is none is refused, with what would be right: %j", (rule) => {
		expect(() => parsePartitionRule(rule)).toThrow(/^no partition rule: .* expected .*/);
	});
});
