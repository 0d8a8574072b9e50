import { describe, expect, it } from "vitest";
import { denialOf, grantOf } from "#domain/access/grant.ts";
import { accessPolicySchema } from "#domain/access/policy.ts";
import { partitionId } from "#domain/partition/partition-id.ts";

const issuer = { issuer: "https://id.example.com/", audience: "heliotrope", partitions: { claim: "tenant" } };
const policy = (changes: object = {}) => accessPolicySchema.safeParse({ mode: "oidc", issuers: [{ ...issuer, ...changes }] });
const rules = (partitions: object) => {
	const parsed = policy({ partitions });
	if (!parsed.success || parsed.data.mode !== "oidc" || parsed.data.issuers[0] === undefined) throw new Error("unusable");
	return parsed.data.issuers[0];
};
const may = (partitions: object, tenant: unknown, name: string): boolean =>
	denialOf(grantOf({ tenant, scope: "heliotrope.read" }, rules(partitions)), partitionId(name), new Set(["read"])) === undefined;

describe("an access policy", () => {
	it("fills in what is usual", () => {
		expect(policy().data).toMatchObject({
			issuers: [
				{
					audience: ["heliotrope"],
					clockSkewSeconds: 60,
					partitions: { template: "{}", match: "exact" },
					scopes: { claim: "scope", read: "heliotrope.read", write: "heliotrope.write" },
				},
			],
		});
	});

	it.each([
		["http elsewhere", { issuer: "http://id.example.com" }],
		["http that only looks like this machine", { issuer: "http://127.0.0.1.example.com" }],
		["keys over http", { jwksUri: "http://id.example.com/keys" }],
		["no audience", { audience: [] }],
		["an hour of skew", { clockSkewSeconds: 3600 }],
		["a prefix without an end", { partitions: { claim: "tenant", match: "prefix" } }],
		["a prefix with a letter at its end", { partitions: { claim: "tenant", match: "prefix", template: "{}x" } }],
		["a template without a place", { partitions: { claim: "tenant", template: "all" } }],
		["a template that no partition can match", { partitions: { claim: "tenant", template: "a/{}" } }],
		["a misspelt field", { scops: {} }],
	])("refuses %s", (_, changes) => {
		expect(policy(changes).success).toBe(false);
	});

	it("names each issuer once", () => {
		expect(accessPolicySchema.safeParse({ mode: "oidc", issuers: [issuer, issuer] }).success).toBe(false);
	});
});

describe("a grant", () => {
	it("by name reaches that name", () => {
		const rule = { claim: "tenant", template: "t-{}" };
		expect(may(rule, "acme", "t-acme")).toBe(true);
		expect(may(rule, ["x", "acme"], "t-acme")).toBe(true);
		for (const other of ["acme", "t-acme2", "t-acm", "t-", "T-acme"]) expect(may(rule, "acme", other)).toBe(false);
	});

	it("by prefix reaches what lies below, not what begins alike", () => {
		const rule = { claim: "tenant", template: "{}:", match: "prefix" };
		expect(may(rule, "acme", "acme:documents")).toBe(true);
		expect(may(rule, "acme", "acme:")).toBe(true);
		for (const other of ["acme", "acme2:documents", "acm:x"]) expect(may(rule, "acme", other)).toBe(false);
		// A tenant whose name is "acme:eu" would lie below "acme".
		expect(may(rule, "acme:eu", "acme:eu:documents")).toBe(false);
		// And with a longer end "acme:" would, although the end is not in it.
		expect(may({ ...rule, template: "{}::" }, "acme", "acme:::documents")).toBe(true);
		expect(may({ ...rule, template: "{}::" }, "acme:", "acme:::documents")).toBe(false);
	});

	it("takes a claim's value literally", () => {
		for (const value of ["$&", "$1", ".*", "{}", "a b", "a/b", "", "ä"])
			expect(may({ claim: "tenant", template: "t{}" }, value, "t.")).toBe(false);
		// who has no name is nobody, and not the one whose name is empty
		expect(may({ claim: "tenant", template: "t-{}" }, "", "t-")).toBe(false);
		expect(may({ claim: "tenant", template: "t-{}:", match: "prefix" }, "", "t-:documents")).toBe(false);
	});
});
