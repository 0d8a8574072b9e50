import { JwtVerifier } from "aws-jwt-verify";
import {
	FetchError,
	JwksValidationError,
	JwkValidationError,
	JwtBaseError,
	JwtExpiredError,
	JwtInvalidAudienceError,
	JwtInvalidIssuerError,
	JwtInvalidSignatureAlgorithmError,
	JwtInvalidSignatureError,
	JwtNotBeforeError,
	JwtParseError,
	JwtWithoutValidKidError,
	KidNotFoundInJwksError,
	ParameterValidationError,
	WaitPeriodNotYetEndedJwkError,
} from "aws-jwt-verify/error";
import type { JwksCache } from "aws-jwt-verify/jwk";
import { createJwksCache } from "#adapters/oidc/jwks-cache.ts";
import type { IssuerPolicy } from "#domain/access/policy.ts";
import type { Clock } from "#domain/ports/clock.ts";
import type { TokenVerifier, VerifiedToken } from "#domain/ports/token-verifier.ts";

export interface TokenVerifierOptions {
	readonly issuers: readonly IssuerPolicy[];
	/** Ages the key sets. Tokens are compared with the machine's clock, by which their issuers stamp them. */
	readonly clock: Pick<Clock, "nowMs">;
	/** @default fetched over HTTP */
	readonly jwks?: JwksCache;
}

/** No issuer's tokens are longer; longer ones are not looked at. */
const MAX_TOKEN_CHARS = 8192;

/** What the library's errors mean to a caller. Their messages quote the token, so none of them is passed on. */
const REASONS: readonly (readonly [new (...args: never[]) => Error, string])[] = [
	[JwtExpiredError, "the token has expired"],
	[JwtNotBeforeError, "the token is not valid yet"],
	[JwtInvalidAudienceError, "the token is for another audience"],
	[JwtInvalidIssuerError, "the token is of an issuer that is not trusted here"],
	[ParameterValidationError, "the token is of an issuer that is not trusted here"],
	[JwtInvalidSignatureAlgorithmError, "the token is signed with an algorithm that its key is not for"],
	[JwtInvalidSignatureError, "the token's signature is not its issuer's"],
	[JwtWithoutValidKidError, "the token does not name its key"],
	[KidNotFoundInJwksError, "the token names a key that its issuer does not have"],
	[JwtParseError, "the token is not a JWT"],
];

class NoExpiryError extends Error {}

/** Tokens of the policy's issuers, verified with `aws-jwt-verify`. */
export function createTokenVerifier({ issuers, clock, jwks = createJwksCache(clock) }: TokenVerifierOptions): TokenVerifier {
	const verifier = JwtVerifier.create(issuers.map(propertiesOf), { jwksCache: jwks });
	return async (token) => {
		if (token.length > MAX_TOKEN_CHARS) return { kind: "refused", reason: `the token is longer than ${MAX_TOKEN_CHARS} characters` };
		try {
			const claims = await verifier.verify(token);
			return { kind: "verified", issuer: String(claims.iss), claims };
		} catch (error) {
			return failureOf(error);
		}
	};
}

const propertiesOf = ({ issuer, audience, jwksUri, clockSkewSeconds }: IssuerPolicy) => ({
	issuer,
	audience: [...audience],
	jwksUri: jwksUri ?? `${issuer.replace(/\/$/, "")}/.well-known/jwks.json`,
	graceSeconds: clockSkewSeconds,
	// The library lets a token without an end pass.
	customJwtCheck: ({ payload }: { payload: { exp?: unknown } }) => {
		if (typeof payload.exp !== "number") throw new NoExpiryError();
	},
});

/** The library's errors that no token is to blame for. */
const UNAVAILABLE = [FetchError, WaitPeriodNotYetEndedJwkError, JwksValidationError, JwkValidationError];

function failureOf(error: unknown): VerifiedToken {
	if (error instanceof NoExpiryError) return { kind: "refused", reason: "the token has no end" };
	if (UNAVAILABLE.some((type) => error instanceof type)) return { kind: "unavailable", reason: "the issuer's keys could not be fetched" };
	const [, reason] = REASONS.find(([type]) => error instanceof type) ?? [];
	if (reason !== undefined) return { kind: "refused", reason };
	// What neither the library nor the platform's cryptography knows is a defect of ours, and nobody is let in by it.
	if (!(error instanceof JwtBaseError) && !isCryptoError(error)) throw error;
	return { kind: "refused", reason: "the token cannot be verified" };
}

/** A key that is none, a signature of a strange form. */
const isCryptoError = (error: unknown): boolean =>
	error instanceof Error && "code" in error && /^ERR_(CRYPTO|OSSL)/.test(String(error.code));
