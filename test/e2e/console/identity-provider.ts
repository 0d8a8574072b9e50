import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** An OpenID provider on the loopback interface that signs everybody in at once, by authorization code with PKCE, as Cognito's page does. */
export interface IdentityProvider {
	readonly url: string;
	readonly clientId: string;
	/** Access tokens that are good; empty ones are refused by whoever asks. */
	readonly issued: ReadonlySet<string>;
	/** What was wrong with exchanges of codes. */
	readonly refusals: readonly string[];
	/** From now on people are turned away. */
	refuse(): void;
	stop(): Promise<void>;
}

interface Code {
	readonly challenge: string;
	readonly redirectUri: string;
	readonly nonce: string | null;
}

export async function startIdentityProvider(): Promise<IdentityProvider> {
	const clientId = "console-page";
	const codes = new Map<string, Code>();
	const issued = new Set<string>();
	const refusals: string[] = [];
	let refusing = false;
	let url = "";

	const discovery = () => ({
		issuer: url,
		authorization_endpoint: `${url}/authorize`,
		token_endpoint: `${url}/token`,
		jwks_uri: `${url}/jwks`,
		response_types_supported: ["code"],
	});
	const authorize = (query: URLSearchParams): string => {
		const back = new URL(query.get("redirect_uri") ?? "");
		back.searchParams.set("state", query.get("state") ?? "");
		if (refusing) back.searchParams.set("error", "access_denied");
		else {
			const code = randomUUID();
			const { challenge = "", method = "" } = {
				challenge: query.get("code_challenge") ?? "",
				method: query.get("code_challenge_method") ?? "",
			};
			codes.set(code, {
				challenge: method === "S256" ? challenge : "",
				redirectUri: query.get("redirect_uri") ?? "",
				nonce: query.get("nonce"),
			});
			back.searchParams.set("code", code);
		}
		return back.href;
	};
	const exchange = (form: URLSearchParams): object | undefined => {
		const code = codes.get(form.get("code") ?? "");
		codes.delete(form.get("code") ?? "");
		const verified = createHash("sha256")
			.update(form.get("code_verifier") ?? "")
			.digest("base64url");
		if (code === undefined) refusals.push("the code is unknown or used");
		else if (code.challenge !== verified) refusals.push("the verifier is another one");
		else if (code.redirectUri !== form.get("redirect_uri") || form.get("client_id") !== clientId)
			refusals.push("asked for by another client");
		else {
			const token = randomUUID();
			issued.add(token);
			return { access_token: token, token_type: "Bearer", expires_in: 1800, id_token: idToken(url, clientId) };
		}
		return undefined;
	};
	const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
		const { pathname, searchParams } = new URL(request.url ?? "/", url);
		// The page asks from another origin
		response.setHeader("access-control-allow-origin", "*");
		const json = (status: number, body: object) =>
			response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
		if (pathname === "/authorize") return void response.writeHead(302, { location: authorize(searchParams) }).end();
		if (pathname === "/token") {
			const chunks: Buffer[] = [];
			for await (const chunk of request) chunks.push(chunk as Buffer);
			const tokens = exchange(new URLSearchParams(Buffer.concat(chunks).toString()));
			return void (tokens === undefined ? json(400, { error: "invalid_grant" }) : json(200, tokens));
		}
		return void (pathname === "/.well-known/openid-configuration" ? json(200, discovery()) : json(404, {}));
	};
	const server = createServer((request, response) => void answer(request, response)).listen(0, "127.0.0.1");
	await once(server, "listening");
	url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	return {
		url,
		clientId,
		issued,
		refusals,
		refuse: () => {
			refusing = true;
		},
		stop: async () => {
			server.closeAllConnections();
			server.close();
			await once(server, "close");
		},
	};
}

/** Its signature is for whoever gets it elsewhere: this one came from the provider itself, over its own connection. */
function idToken(issuer: string, audience: string): string {
	const nowSeconds = Math.floor(Date.now() / 1000);
	const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");
	return [
		encode({ alg: "RS256", kid: "k" }),
		encode({ iss: issuer, aud: audience, sub: "ops", iat: nowSeconds, exp: nowSeconds + 1800 }),
		"c2ln",
	].join(".");
}
