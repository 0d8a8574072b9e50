import { describe, expect, it } from "vitest";
import { denialOf, grantOf } from "#domain/access/grant.ts";
import { accessPolicySchema, type IssuerPolicy } from "#domain/access/policy.ts";
import { isPartitionId, type PartitionId } from "#domain/partition/partition-id.ts";
import type { TokenVerifier } from "#domain/ports/token-verifier.ts";
import { type AccessControl, createAccessControl } from "#lambdas/serve-data/access.ts";
import { DataPlaneWorld, EU } from "#test/__helpers__/data-plane-world.ts";
import fc from "#test/__helpers__/fast-check.ts";

const ISSUER = "https://id.example.com";
const SCOPE = "heliotrope.read heliotrope.write";

function policyWith(partitions: object): { readonly mode: "oidc"; readonly issuers: IssuerPolicy[] } | undefined {
	const parsed = accessPolicySchema.safeParse({
		mode: "oidc",
		issuers: [{ issuer: ISSUER, audience: "heliotrope", partitions: { claim: "tenant", ...partitions } }],
	});
	return parsed.success && parsed.data.mode === "oidc" ? parsed.data : undefined;
}

/** Few characters, most of them delimiters: values and templates that run into each other are the rule. */
const text = (minLength: number, maxLength: number) => fc.string({ unit: fc.constantFrom(..."aab:.~_-"), minLength, maxLength });
const anyValue = fc.oneof(
	{ weight: 6, arbitrary: text(1, 6) },
	{ weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 6 }) },
	{ weight: 1, arbitrary: fc.constantFrom("a:b", "a::", ":a", "a%3Ab", "a/b", "ａ", "а", "a\u0000", "a ", "$&", "{}", "*", "..") },
);
const rule = fc
	.record({ head: text(0, 3), tail: text(0, 3), match: fc.constantFrom("exact", "prefix") })
	.map(({ head, tail, match }) => ({ template: `${head}{}${tail}`, match }))
	.filter((partitions) => policyWith(partitions) !== undefined);
/** The second value often begins with the first, as a neighbour's would. */
const tenants = fc
	.tuple(anyValue, anyValue, fc.boolean())
	.map(([one, other, neighbour]) => [one, neighbour ? one + other : other] as const)
	.filter(([one, other]) => one !== other);

describe("two different values of the claim", () => {
	it("never reach the same partition, whatever they and the template are made of", () => {
		fc.assert(
			fc.property(rule, tenants, text(0, 6), (partitions, [one, other], rest) => {
				const [issuer] = policyWith(partitions)?.issuers ?? [];
				if (issuer === undefined) throw new Error("no rule");
				const reaches = (tenant: string, name: PartitionId) =>
					denialOf(grantOf({ tenant, scope: SCOPE }, issuer), name, new Set(["read"])) === undefined;
				for (const tenant of [one, other]) {
					const name = issuer.partitions.template.replace("{}", () => tenant) + (issuer.partitions.match === "prefix" ? rest : "");
					if (isPartitionId(name)) expect([reaches(one, name), reaches(other, name)]).not.toEqual([true, true]);
				}
			}),
			{ seed: 301, numRuns: 5000 },
		);
	});
});

/** A bearer token of a test is its tenant in base64url. */
const accessBy = (partitions: object): AccessControl => {
	const policy = policyWith(partitions);
	if (policy === undefined) throw new Error("no policy");
	const verify: TokenVerifier = async (token) => ({
		kind: "verified",
		issuer: ISSUER,
		claims: { tenant: Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"), scope: SCOPE },
	});
	return createAccessControl(policy, verify);
};
const bearer = (tenant: string) => ({ authorization: `Bearer h.${Buffer.from(tenant).toString("base64url") || "-"}.s` });
const SECRET = "what the neighbour keeps to itself";

const everyCharEncoded = (name: string): string => [...Buffer.from(name)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
const spellings = (name: string): readonly string[] => [
	name,
	encodeURIComponent(name),
	everyCharEncoded(name),
	everyCharEncoded(name).toUpperCase(),
	encodeURIComponent(everyCharEncoded(name)),
	`%2e%2e/${name}`,
	`./${name}`,
	name.replaceAll(":", "%3A"),
];

/** Every way into a partition by its name in a path; what is asked there, with a cursor that its owner was given. */
function waysInto(name: string, cursor: string) {
	const operations = [
		{ method: "GET", key: "k0" },
		{ method: "PUT", key: "k0", body: "!" },
		{ method: "DELETE", key: "k1" },
	];
	// each alone too: a batch is let in as a whole, by all that it does
	const batches = [operations, ...operations.map((one) => [one])].map((some) => JSON.stringify({ operations: some }));
	return spellings(name).flatMap((spelt) => {
		const base = `/v1/partitions/${spelt}`;
		return [
			{ method: "GET", path: `${base}/items/k0` },
			{ method: "PUT", path: `${base}/items/k0`, body: "!" },
			{ method: "DELETE", path: `${base}/items/k1` },
			{ method: "GET", path: `${base}/items`, query: "prefix=" },
			{ method: "GET", path: `${base}/items`, query: `limit=1&cursor=${cursor}` },
			...batches.map((body) => ({ method: "POST", path: `${base}/batch`, body })),
		];
	});
}

/** Whether a path names the partition as clients are told to: what is asked there is well formed, and its bearer alone is a reason to refuse it. */
const isPlain = (path: string, name: string): boolean => path.startsWith(`/v1/partitions/${encodeURIComponent(name)}/`);

const itemsOf = (world: DataPlaneWorld, name: string): string =>
	JSON.stringify(
		[...world.store(EU).buckets].filter(([id]) => id.startsWith(`${name}#`)).map(([id, { items }]) => [id, [...items.values()]]),
	);

/** The partition that a tenant makes its own; undefined where its claim grants it none. */
async function settle(world: DataPlaneWorld, partitions: { template: string; match: string }, tenant: string) {
	const name = partitions.template.replace("{}", () => tenant) + (partitions.match === "prefix" ? "x" : "");
	if (!isPartitionId(name)) return undefined;
	for (const key of ["k0", "k1"]) {
		const path = `/v1/partitions/${encodeURIComponent(name)}/items/${key}`;
		const { status } = await world.call(EU, "PUT", path, { body: SECRET, headers: bearer(tenant) });
		if (status !== 201) return undefined;
	}
	const listed = await world.call(EU, "GET", `/v1/partitions/${name}/items`, { query: "limit=1", headers: bearer(tenant) });
	return { name, cursor: String(listed.json["cursor"]) };
}

describe("a tenant's partition", () => {
	it("is out of its neighbour's reach by spelling, list, cursor and batch, and its cursor opens nothing of the neighbour's", async () => {
		let attacked = 0;
		await fc.assert(
			fc.asyncProperty(rule, tenants, async (partitions, [owner, attacker]) => {
				const world = new DataPlaneWorld([EU]);
				world.access = accessBy(partitions);
				const owned = await settle(world, partitions, owner);
				const own = await settle(world, partitions, attacker);
				if (owned === undefined) return;
				expect(own?.name).not.toBe(owned.name);
				attacked += 1;
				const before = itemsOf(world, owned.name);
				for (const { method, path, ...more } of waysInto(owned.name, owned.cursor)) {
					const answer = await world.call(EU, method, path, { ...more, headers: bearer(attacker) });
					const statuses = isPlain(path, owned.name) ? [403] : [400, 403, 404];
					expect(statuses, `${method} ${path} ${more.body ?? ""}`).toContain(answer.status);
					expect(answer.text).not.toContain(SECRET);
				}
				expect(itemsOf(world, owned.name)).toBe(before);
				if (own === undefined) return;
				const path = `/v1/partitions/${own.name}/items`;
				const answer = await world.call(EU, "GET", path, { query: `cursor=${owned.cursor}`, headers: bearer(attacker) });
				expect(answer.json["code"]).toBe("cursor.invalid");
			}),
			{ seed: 302, numRuns: 150 },
		);
		expect(attacked).toBeGreaterThan(30);
	});
});
