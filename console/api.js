const TIMEOUT_MS = 10_000;

/** The token is missing or wrong. */
export class TokenError extends Error {}

/** No answer, or one that is no use; the message says which. */
export class CloudError extends Error {}

/**
 * Reads the admin API with a bearer token.
 * @returns `get(path, query)`: the JSON, or undefined for 404. Throws TokenError or CloudError.
 */
export function createApi(readToken) {
	return async (path, query = {}) => {
		const response = await send(`/admin/v1/${path}${queryOf(query)}`, readToken());
		if (response.status === 401 || response.status === 403) throw new TokenError("the token was refused");
		if (response.status === 404) return undefined;
		const body = await response.json().catch(() => ({}));
		if (!response.ok) throw new CloudError(`it answers ${response.status}${body.detail ? `: ${body.detail}` : ""}`);
		return body;
	};
}

async function send(url, token) {
	try {
		const headers = { authorization: `Bearer ${token}`, accept: "application/json" };
		return await fetch(url, { headers, cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) });
	} catch (cause) {
		throw new CloudError(cause.name === "TimeoutError" ? "no answer within 10 seconds" : "no connection", { cause });
	}
}

function queryOf(query) {
	const set = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
	return set.length === 0 ? "" : `?${new URLSearchParams(set)}`;
}
