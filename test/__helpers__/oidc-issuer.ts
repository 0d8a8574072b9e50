import { createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

interface SigningKey {
	readonly kid: string;
	readonly alg: "RS256" | "ES256";
	readonly publicKey: KeyObject;
	readonly privateKey: KeyObject;
}

/** A token as a test wants it: claims over sensible ones, and what is wrong with it. */
export interface TokenWish {
	readonly claims?: Readonly<Record<string, unknown>>;
	readonly header?: Readonly<Record<string, unknown>>;
	/** Signs with this key instead. */
	readonly signedBy?: SigningKey;
	/** Signs as HMAC, the public key being the secret: the old confusion of algorithms. */
	readonly hmacWithPublicKey?: boolean;
}

/** An OpenID provider on the loopback interface: real keys, a real key set over HTTP. */
export interface TestIssuer {
	readonly issuer: string;
	/** Requests for the key set so far. */
	readonly fetches: () => number;
	readonly key: () => SigningKey;
	/** From now on another key signs; the key set has the new one, and the old one only if it is kept. */
	rotate(keepOld: boolean, alg?: SigningKey["alg"]): void;
	/** The key set answers 500 until this is called again. */
	fail(failing: boolean): void;
	/** Until this is called again the right keys come in a way in which no issuer would send them. */
	misbehave(how: "redirect" | "too-large" | "as-error" | undefined): void;
	token(wish?: TokenWish): string;
	stop(): Promise<void>;
}

let kids = 0;
function makeKey(alg: SigningKey["alg"]): SigningKey {
	kids += 1;
	const pair = alg === "RS256" ? generateKeyPairSync("rsa", { modulusLength: 2048 }) : generateKeyPairSync("ec", { namedCurve: "P-256" });
	return { kid: `key-${kids}`, alg, ...pair };
}

export async function startIssuer(): Promise<TestIssuer> {
	let [keys, failing, fetches] = [[makeKey("RS256")], false, 0];
	let odd: Parameters<TestIssuer["misbehave"]>[0];
	const server = createServer((request, response) => {
		fetches += 1;
		if (odd === "redirect" && request.url !== "/elsewhere") return void response.writeHead(302, { location: "/elsewhere" }).end();
		if (odd === "redirect") request.url = "/.well-known/jwks.json";
		if (failing || request.url !== "/.well-known/jwks.json") return void response.writeHead(failing ? 500 : 404).end();
		const jwks = keys.map(({ kid, alg, publicKey }) => ({ ...publicKey.export({ format: "jwk" }), kid, alg, use: "sig" }));
		const padding = odd === "too-large" ? " ".repeat(1024 * 1024) : "";
		const status = odd === "as-error" ? 500 : 200;
		response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ keys: jwks }) + padding);
	}).listen(0, "127.0.0.1");
	await once(server, "listening");
	const address = server.address();
	if (address === null || typeof address === "string") throw new Error("no port");
	const issuer = `http://127.0.0.1:${address.port}`;
	const key = (): SigningKey => keys.at(-1) ?? makeKey("RS256");
	return {
		issuer,
		fetches: () => fetches,
		key,
		rotate: (keepOld, alg = "RS256") => {
			keys = [...(keepOld ? keys : []), makeKey(alg)];
		},
		fail: (now) => {
			failing = now;
		},
		misbehave: (how) => {
			odd = how;
		},
		token: (wish = {}) => makeToken(issuer, wish.signedBy ?? key(), wish),
		stop: async () => {
			server.closeAllConnections();
			server.close();
			await once(server, "close");
		},
	};
}

function makeToken(iss: string, key: SigningKey, { claims = {}, header = {}, hmacWithPublicKey = false }: TokenWish): string {
	const now = Math.floor(Date.now() / 1000);
	const alg = hmacWithPublicKey ? "HS256" : key.alg;
	const body = { iss, aud: "heliotrope", sub: "user-1", iat: now, exp: now + 600, ...claims };
	const text = [{ alg, typ: "JWT", kid: key.kid, ...header }, body].map(base64url).join(".");
	return `${text}.${signatureOf(text, key, hmacWithPublicKey).toString("base64url")}`;
}

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

function signatureOf(text: string, { alg, privateKey, publicKey }: SigningKey, hmacWithPublicKey: boolean): Buffer {
	if (hmacWithPublicKey)
		return createHmac("sha256", publicKey.export({ format: "pem", type: "spki" }))
			.update(text)
			.digest();
	const options = alg === "ES256" ? { key: privateKey, dsaEncoding: "ieee-p1363" as const } : privateKey;
	return sign("sha256", Buffer.from(text), options);
}
