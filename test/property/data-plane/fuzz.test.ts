import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTokenVerifier } from "#adapters/oidc/verify-token.ts";
import { accessPolicySchema } from "#domain/access/policy.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import { createAccessControl } from "#lambdas/serve-data/access.ts";
import { PROBLEMS } from "#lambdas/serve-data/problem.ts";
import { DataPlaneWorld, EU } from "#test/__helpers__/data-plane-world.ts";
import fc from "#test/__helpers__/fast-check.ts";
import { startIssuer, type TestIssuer } from "#test/__helpers__/oidc-issuer.ts";
import { type FuzzRequest, fuzzRequest, type Known } from "./fuzz-requests.ts";

const RUNS = Number(process.env["HELIOTROPE_FUZZ_RUNS"] ?? 2_000);
const SEED = Number(process.env["HELIOTROPE_FUZZ_SEED"] ?? Date.now() % 2 ** 31);
const OWN = "tenant:1";
const VICTIM = "victim:1";
const SECRET = "what nobody else may read";
const SCOPE = "heliotrope.read heliotrope.write";

let issuer: TestIssuer;
beforeAll(async () => {
	issuer = await startIssuer();
});
afterAll(() => issuer?.stop());

const bearer = (tenant: string, more: object = {}) =>
	`Bearer ${issuer.token({ claims: { tenant, scope: SCOPE, exp: 32_503_680_000, ...more } })}`;

async function makeWorld(): Promise<DataPlaneWorld> {
	const world = new DataPlaneWorld([EU]);
	const policy = accessPolicySchema.parse({
		mode: "oidc",
		issuers: [{ issuer: issuer.issuer, audience: "heliotrope", partitions: { claim: "tenant" } }],
	});
	if (policy.mode !== "oidc") throw new Error("unreachable");
	world.access = createAccessControl(policy, createTokenVerifier({ issuers: policy.issuers, clock: world.clock }));
	for (const name of [OWN, VICTIM]) {
		for (const key of ["k0", "k1", "k2", "secret"]) {
			const body = name === VICTIM ? SECRET : "own";
			const answer = await world.call(EU, "PUT", `/v1/partitions/${name}/items/${key}`, { body, headers: { authorization: bearer(name) } });
			expect(answer.status).toBe(201);
		}
	}
	return world;
}

/** What the attacker has got hold of: its own token first, then others that must not count. */
async function knownOf(world: DataPlaneWorld): Promise<Known> {
	const get = (name: string, query: string, more: Record<string, string> = {}) =>
		world.call(EU, "GET", `/v1/partitions/${name}/items${query === "" ? "/k0" : ""}`, {
			query,
			headers: { authorization: bearer(name), ...more },
		});
	const session = { "x-heliotrope-consistency": "session" };
	const cursors = [(await get(VICTIM, "limit=1")).json["cursor"], (await get(OWN, "limit=1")).json["cursor"]].map(String);
	const sessions = [(await get(VICTIM, "", session)).headers, (await get(OWN, "", session)).headers];
	return {
		own: OWN,
		victim: VICTIM,
		cursors,
		sessions: sessions.map((headers) => headers["x-heliotrope-session"] ?? ""),
		authorizations: [
			bearer(OWN),
			`Bearer ${issuer.token({ claims: { tenant: VICTIM, scope: SCOPE, aud: "another" } })}`,
			`Bearer ${issuer.token({ claims: { tenant: VICTIM, scope: SCOPE }, header: { alg: "none" } })}`,
			`Bearer ${issuer.token({ claims: { tenant: VICTIM, scope: SCOPE }, hmacWithPublicKey: true })}`,
			`${bearer(OWN)}, ${bearer(OWN, { sub: "other" })}`,
		],
	};
}

/** The victim's partition, to the last byte. */
const victimOf = (world: DataPlaneWorld): string =>
	JSON.stringify(
		[...world.store(EU).buckets]
			.filter(([id]) => id.startsWith(`${partitionId(VICTIM)}#`))
			.map(([id, { fence, items, journal }]) => [id, fence, [...items.values()], [...journal.values()]]),
	);

async function check(world: DataPlaneWorld, { method, path, query, headers, body }: FuzzRequest): Promise<void> {
	const answer = await world.call(EU, method, path, { headers: { ...headers }, body, query });
	const code = String(answer.json["code"] ?? "");
	expect(answer.status).toBeGreaterThanOrEqual(200);
	if (answer.status >= 400) {
		expect(Object.keys(PROBLEMS)).toContain(code);
		expect(code).not.toBe("internal");
		expect(answer.headers["content-type"]).toBe("application/problem+json");
	}
	if (answer.status >= 500) expect([answer.status, answer.headers["retry-after"]]).toEqual([503, "1"]);
	expect(answer.headers["x-heliotrope-request-id"]).toMatch(/^[\w.:=+/-]{8,128}$/);
	expect(answer.text).not.toContain(SECRET);
	expect(answer.text).not.toContain(Buffer.from(SECRET).toString("base64"));
	for (const value of Object.values(answer.headers)) expect(value).not.toMatch(/[\r\n\0]/);
}

describe("a caller who may reach one partition", () => {
	it(`reaches no other and breaks nothing, whatever it sends: ${RUNS} requests (HELIOTROPE_FUZZ_RUNS), seed ${SEED}`, async () => {
		const world = await makeWorld();
		const before = victimOf(world);
		const known = await knownOf(world);
		await fc.assert(
			fc.asyncProperty(fuzzRequest(known), async (request) => {
				await check(world, request);
				expect(victimOf(world)).toBe(before);
			}),
			{ numRuns: RUNS, seed: SEED, endOnFailure: false },
		);
		const partitions = new Set([...world.store(EU).buckets.keys()].map((id) => id.split("#")[0]));
		expect(partitions).toEqual(new Set([OWN, VICTIM]));
		expect(world.logs.filter(({ code }) => code === "internal")).toEqual([]);
		for (const text of known.authorizations) expect(JSON.stringify(world.logs)).not.toContain(text.slice(7, 80));
	}, 3_600_000);
});
