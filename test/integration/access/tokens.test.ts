import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createTokenVerifier } from "#adapters/oidc/verify-token.ts";
import { accessPolicySchema } from "#domain/access/policy.ts";
import { createAccessControl } from "#lambdas/serve-data/access.ts";
import { DataPlaneWorld, EU, P, type TestAnswer, US } from "#test/__helpers__/data-plane-world.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";
import { startIssuer, type TestIssuer, type TokenWish } from "#test/__helpers__/oidc-issuer.ts";

const SCOPES = "openid heliotrope.read heliotrope.write";
let issuer: TestIssuer;
let world: DataPlaneWorld;
let jwksClock: ManualClock;

beforeAll(async () => {
	issuer = await startIssuer();
});
afterAll(() => issuer?.stop());

beforeEach(async () => {
	issuer.fail(false);
	world = new DataPlaneWorld([EU, US]);
	world.record();
	await world.fence(EU, { peers: [US] });
	await world.fence(US, { role: "follower", leader: EU });
	jwksClock = new ManualClock();
	const policy = accessPolicySchema.parse({
		mode: "oidc",
		issuers: [
			{ issuer: issuer.issuer, audience: "heliotrope", partitions: { claim: "tenant", template: "tenant:{}" }, clockSkewSeconds: 30 },
		],
	});
	if (policy.mode !== "oidc") throw new Error("unreachable");
	world.access = createAccessControl(policy, createTokenVerifier({ issuers: policy.issuers, clock: jwksClock }));
});

const bearer = (wish: TokenWish = {}) => ({
	authorization: `Bearer ${issuer.token({ ...wish, claims: { tenant: "1", scope: SCOPES, ...wish.claims } })}`,
});
const get = (headers: Record<string, string>, region = EU): Promise<TestAnswer> => world.item(region, "GET", "k", { headers });
const code = (answer: TestAnswer): string => `${answer.status} ${answer.json["code"] ?? ""}`;

describe("the data plane with a real issuer", () => {
	it("lets a token in that its issuer has signed for this audience, and nobody without one", async () => {
		expect((await world.item(EU, "PUT", "k", { headers: bearer(), body: "v" })).status).toBe(201);
		expect((await get(bearer())).text).toBe("v");
		const nobody = await get({});
		expect(nobody).toMatchObject({ status: 401, json: { code: "auth.missing" }, headers: { "www-authenticate": "Bearer" } });
		for (const scheme of ["Basic dTpw", "AWS4-HMAC-SHA256 Credential=AKIA/x", "Bearer", "bearer "])
			expect(code(await get({ authorization: scheme }))).toBe("401 auth.missing");
	});

	it("refuses tokens with anything wrong about them", async () => {
		const now = Math.floor(Date.now() / 1000);
		const stranger = await startIssuer();
		const foreignKey = stranger.key();
		await stranger.stop();
		const wrong: TokenWish[] = [
			{ claims: { aud: "another" } },
			{ claims: { aud: undefined } },
			{ claims: { iss: "https://issuer.example" } },
			{ claims: { exp: now - 60 } },
			{ claims: { exp: undefined } },
			{ claims: { nbf: now + 120 } },
			{ header: { alg: "none" } },
			{ header: { kid: undefined } },
			{ hmacWithPublicKey: true },
			{ signedBy: { ...foreignKey, kid: issuer.key().kid } },
		];
		for (const wish of wrong) {
			const answer = await get(bearer(wish));
			expect(code(answer), JSON.stringify(wish)).toBe("401 auth.invalid");
			expect(answer.headers["www-authenticate"]).toContain("invalid_token");
		}
		const [head, body, signature] = bearer().authorization.split(".");
		const forged = Buffer.from(JSON.stringify({ tenant: "2" })).toString("base64url");
		for (const token of [`${head}.${forged}.${signature}`, `${head}.${body}.`, `${head}.${body}`, `${head}.${body}.${signature}, x`])
			expect(code(await get({ authorization: token }))).toBe("401 auth.invalid");
		expect(code(await get({ authorization: `Bearer ${"a".repeat(9000)}.b.c` }))).toBe("401 auth.invalid");
		expect(code(await get(bearer({ claims: { much: "x".repeat(7000) } })))).toBe("401 auth.invalid");
	});

	it("allows for the difference of clocks that was agreed on, and no more", async () => {
		const now = Math.floor(Date.now() / 1000);
		expect((await get(bearer({ claims: { exp: now - 15 } }))).status).toBe(404);
		expect((await get(bearer({ claims: { nbf: now + 15 } }))).status).toBe(404);
		expect(code(await get(bearer({ claims: { exp: now - 45 } })))).toBe("401 auth.invalid");
	});

	it("follows its issuer's keys: a new one at once, one that was taken back no longer than ten minutes", async () => {
		expect((await get(bearer())).status).toBe(404);
		const old = issuer.key();
		issuer.rotate(true, "ES256");
		expect((await get(bearer())).status).toBe(404);
		expect((await get(bearer({ signedBy: old }))).status).toBe(404);
		issuer.rotate(false);
		jwksClock.advance(9 * 60 * 1000);
		expect((await get(bearer({ signedBy: old }))).status).toBe(404);
		jwksClock.advance(60 * 1000 + 1);
		// nobody has come with the new key yet
		expect(code(await get(bearer({ signedBy: old })))).toBe("401 auth.invalid");
		expect((await get(bearer())).status).toBe(404);
	});

	it.each(["redirect", "too-large", "as-error"] as const)("takes no keys that come by %s", async (how) => {
		issuer.misbehave(how);
		expect(code(await get(bearer()))).toBe("503 auth.unavailable");
		issuer.misbehave(undefined);
		expect((await get(bearer())).status).toBe(404);
	});

	it("asks its issuer seldom, however many tokens with unknown keys come", async () => {
		await get(bearer());
		const before = issuer.fetches();
		const unknown = { header: { kid: "nobody's" } };
		expect(code(await get(bearer(unknown)))).toBe("401 auth.invalid");
		for (let i = 0; i < 20; i++) expect(code(await get(bearer(unknown)))).toBe("503 auth.unavailable");
		expect(issuer.fetches() - before).toBe(1);
		expect((await get(bearer())).status).toBe(404);
	});

	it("answers 503 while keys cannot be had, and goes on with those it has", async () => {
		issuer.fail(true);
		const answer = await get(bearer());
		expect(code(answer)).toBe("503 auth.unavailable");
		expect(answer.headers["retry-after"]).toBeDefined();
		issuer.fail(false);
		expect((await get(bearer())).status).toBe(404);
		issuer.fail(true);
		jwksClock.advance(11 * 60 * 1000);
		expect((await get(bearer())).status).toBe(404);
	});

	it("verifies a forwarded request once more where it arrives, by the caller's own token", async () => {
		await world.item(EU, "PUT", "k", { headers: bearer(), body: "v" });
		expect((await get(bearer(), US)).text).toBe("v");
		expect(world.forwards).toEqual([`${US} -> ${EU}`]);
		// The edge puts the token aside; the signature of the caller of the function URL stands in its place.
		const aside = { "x-heliotrope-authorization": bearer().authorization, authorization: "AWS4-HMAC-SHA256 Credential=AKIA/x" };
		expect((await get(aside, US)).text).toBe("v");
		// What pretends to be a forward is asked for its token all the same.
		expect(code(await get({ "x-heliotrope-hops": "1" }))).toBe("401 auth.missing");
	});

	it("takes two different tokens for none", async () => {
		const other = `Bearer ${issuer.token({ claims: { tenant: "2", scope: SCOPES } })}`;
		expect(code(await get({ ...bearer(), "x-heliotrope-authorization": other }))).toBe("401 auth.invalid");
		const same = bearer();
		expect((await get({ ...same, "x-heliotrope-authorization": same.authorization })).status).toBe(404);
	});

	it("writes no token into its log", async () => {
		const secret = bearer({ claims: { exp: 1 } }).authorization;
		issuer.fail(true);
		await get({ authorization: secret });
		await get({ authorization: `${secret}, ${secret}` });
		world.unreachable.add(EU);
		issuer.fail(false);
		await get(bearer(), US);
		expect(world.logs.length).toBeGreaterThan(0);
		for (const part of secret.split(" ")[1]?.split(".") ?? []) expect(JSON.stringify(world.logs)).not.toContain(part);
		expect(JSON.stringify(world.logs)).not.toContain(bearer().authorization.slice(7, 60));
	});
});

describe("scopes and partitions", () => {
	const list = (headers: Record<string, string>, partition: string = P) =>
		world.call(EU, "GET", `/v1/partitions/${partition}/items`, { headers });

	it("keep reading and writing apart, in a batch too", async () => {
		const reader = bearer({ claims: { scope: "heliotrope.read" } });
		const writer = bearer({ claims: { scope: "heliotrope.write" } });
		expect(code(await world.item(EU, "PUT", "k", { headers: reader }))).toBe("403 auth.scope-denied");
		expect(code(await world.item(EU, "DELETE", "k", { headers: reader }))).toBe("403 auth.scope-denied");
		expect((await list(reader)).status).toBe(200);
		expect(code(await list(writer))).toBe("403 auth.scope-denied");
		expect((await world.item(EU, "PUT", "k", { headers: writer })).status).toBe(201);
		const body = JSON.stringify({
			operations: [
				{ method: "GET", key: "k" },
				{ method: "PUT", key: "k", body: "x" },
			],
		});
		const batch = (headers: Record<string, string>) => world.call(EU, "POST", `/v1/partitions/${P}/batch`, { headers, body });
		expect(code(await batch(reader))).toBe("403 auth.scope-denied");
		expect(code(await batch(writer))).toBe("403 auth.scope-denied");
		expect((await batch(bearer())).status).toBe(207);
	});

	it("are bound to the claim, however a path is written", async () => {
		const other = bearer({ claims: { tenant: "2" } });
		for (const path of ["..", "tenant:1", "tenant%3A1", "%74enant:1", "tenant%3a%31"])
			expect(code(await list(other, path)), path).toBe("403 auth.partition-denied");
		for (const path of ["tenant:2/../tenant:1", "tenant:2%2F..%2Ftenant:1", "tenant%253A1", "tenant:1%00", "tenant：1", "tenant:１"])
			expect([400, 404], path).toContain((await list(other, path)).status);
		expect(code(await list(bearer({ claims: { tenant: undefined } })))).toBe("403 auth.partition-denied");
		for (const tenant of ["", "1 ", "*", "{}", "1\n", 1, { 0: "1" }, [["1"]], "../1"])
			expect(code(await list(bearer({ claims: { tenant } }))), JSON.stringify(tenant)).toBe("403 auth.partition-denied");
		expect((await list(bearer({ claims: { tenant: ["7", "1"] } }))).status).toBe(200);
	});
});
