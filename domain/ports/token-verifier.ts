/** What became of a bearer token. `reason` is fit for an answer: it quotes nothing of the token. */
export type VerifiedToken =
	| { readonly kind: "verified"; readonly issuer: string; readonly claims: Readonly<Record<string, unknown>> }
	| { readonly kind: "refused"; readonly reason: string }
	/** The issuer's keys could not be had; a retry may help. */
	| { readonly kind: "unavailable"; readonly reason: string };

/** Verifies a compact JWT: signature, issuer, audience and times. Throws only for defects. */
export type TokenVerifier = (token: string) => Promise<VerifiedToken>;
