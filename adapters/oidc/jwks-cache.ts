import { FetchError, WaitPeriodNotYetEndedJwkError } from "aws-jwt-verify/error";
import type { Fetcher } from "aws-jwt-verify/https";
import { type JwksCache, type PenaltyBox, SimpleJwksCache } from "aws-jwt-verify/jwk";
import type { Clock } from "#domain/ports/clock.ts";

/** After that a key set is fetched anew, so that a key which its issuer has taken back is not trusted for a sandbox's life. */
const MAX_AGE_MS = 10 * 60 * 1000;

/** Between two fetches that tokens with an unknown key may cause. Issuers are asked this often at most by whoever sends nonsense. */
const UNKNOWN_KEY_PAUSE_MS = 5_000;

const FETCH_TIMEOUT_MS = 3_000;
const MAX_BYTES = 1024 * 1024;

/**
 * The library's cache, which fetches once for all who wait and again for a key it does not know, with an age: an old set is
 * fetched anew, and goes on counting while its issuer is away.
 */
export function createJwksCache(clock: Pick<Clock, "nowMs">, fetcher: Fetcher = httpFetcher): JwksCache {
	const cache = new SimpleJwksCache({ fetcher, penaltyBox: pauseBetween(clock) });
	const triedAtMs = new Map<string, number>();
	const getJwk: JwksCache["getJwk"] = async (uri, token) => {
		const tried = triedAtMs.get(uri);
		if (tried === undefined || clock.nowMs() - tried >= MAX_AGE_MS) {
			triedAtMs.set(uri, clock.nowMs());
			// The old keys count until new ones have come; a first fetch is the library's.
			if (tried !== undefined) await cache.getJwks(uri).catch(() => undefined);
		}
		return cache.getJwk(uri, token);
	};
	return {
		getJwk,
		getCachedJwk: (uri, token) => cache.getCachedJwk(uri, token),
		addJwks: (uri, jwks) => cache.addJwks(uri, jwks),
		getJwks: (uri) => cache.getJwks(uri),
	};
}

function pauseBetween(clock: Pick<Clock, "nowMs">): PenaltyBox {
	const until = new Map<string, number>();
	return {
		wait: async (uri) => {
			if (clock.nowMs() < (until.get(uri) ?? 0)) throw new WaitPeriodNotYetEndedJwkError("a moment ago the key was unknown");
		},
		registerFailedAttempt: (uri) => until.set(uri, clock.nowMs() + UNKNOWN_KEY_PAUSE_MS),
		registerSuccessfulAttempt: (uri) => until.delete(uri),
	};
}

/** Unlike the library's own it takes http, for an issuer on this machine; the policy refuses http for any other. */
const httpFetcher: Fetcher = {
	fetch: async (uri) => {
		try {
			const response = await fetch(uri, { redirect: "error", signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
			const bytes = await response.arrayBuffer();
			if (response.ok && bytes.byteLength <= MAX_BYTES) return bytes;
			throw new Error(`it came with ${response.status} and ${bytes.byteLength} bytes`);
		} catch (error) {
			throw new FetchError(uri, error);
		}
	},
};
