import { createHash, createHmac } from "node:crypto";
import { afterEach, expect, it } from "vitest";
import { AdminApi } from "#cli/operate/admin-api.ts";
import { regionId } from "#domain/geography/region-id.ts";
import { fakeAdmin, type Received } from "#test/unit/cli/operate/fake-admin.ts";

const KEYS = {
	AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
	AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
	AWS_SESSION_TOKEN: "session",
};
const NOW_MS = Date.UTC(2026, 2, 1, 12);

let stop: (() => Promise<void>) | undefined;
afterEach(() => stop?.());

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
const escaped = (text: string): string =>
	encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** The signature that the service computes from what it received. @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function expectedSignature({ method, url, headers }: Received, body: string, signedHeaders: string, region: string): string {
	const parsed = new URL(url, "http://service");
	const query = [...parsed.searchParams].map(([name, value]) => `${escaped(name)}=${escaped(value)}`).sort();
	const path = url.split("?")[0] ?? "";
	const canonical = [
		method,
		path.split("/").map(escaped).join("/"),
		query.join("&"),
		...signedHeaders.split(";").map((name) => `${name}:${String(headers[name]).trim()}`),
		"",
		signedHeaders,
		sha256(body),
	].join("\n");
	const date = String(headers["x-amz-date"]);
	const scope = [date.slice(0, 8), region, "lambda", "aws4_request"];
	const key = scope.reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${KEYS.AWS_SECRET_ACCESS_KEY}`);
	return hmac(key, ["AWS4-HMAC-SHA256", date, scope.join("/"), sha256(canonical)].join("\n")).toString("hex");
}

it.each([
	["GET", "partitions/acme%3Adocuments%2Ex", { prefix: "a b~c*(d)", cursor: "x/y+z=" }, undefined],
	["PATCH", "partitions/acme", {}, { pin: "eu-west-1", note: "zürich" }],
	["POST", "migrations/m-1/cancel", {}, {}],
] as const)("a %s of %s bears the signature that AWS computes from what arrives", async (method, path, query, body) => {
	const target = `/admin/v1/${path}${
		Object.keys(query).length === 0
			? ""
			: `?${Object.entries(query)
					.map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
					.join("&")}`
	}`;
	const fake = await fakeAdmin({ [`${method} ${target}`]: [{ body: { ok: true } }] });
	stop = fake.stop;
	const region = regionId("eu-central-1");
	const connection = { endpoint: new URL(fake.url), proof: { kind: "iam" as const, region, credentials: async () => KEYS } };
	const api = new AdminApi(connection, () => NOW_MS);
	expect(await (method === "GET" ? api.get(path, query) : api.send(method, path, body))).toEqual({ ok: true });
	const [received] = fake.received;
	const [, scope, signed, signature] =
		/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/(\S+), SignedHeaders=(\S+), Signature=([0-9a-f]{64})$/.exec(
			received?.headers.authorization ?? "",
		) ?? [];
	expect(scope).toBe("20260301/eu-central-1/lambda/aws4_request");
	expect(signed?.split(";")).toEqual(expect.arrayContaining(["host", "x-amz-date", "x-amz-security-token"]));
	expect(signature).toBe(received && expectedSignature(received, body === undefined ? "" : JSON.stringify(body), signed ?? "", region));
});
