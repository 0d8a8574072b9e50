import { denialOf, type Grant, grantOf, type Need } from "#domain/access/grant.ts";
import type { AccessPolicy } from "#domain/access/policy.ts";
import type { TokenVerifier } from "#domain/ports/token-verifier.ts";
import { EdgeHeader } from "#domain/routing/edge-headers.ts";
import type { DataRequest, IncomingRequest } from "#lambdas/serve-data/data-request.ts";
import { ProblemError } from "#lambdas/serve-data/problem.ts";

/** Where the caller's token travels between our own parts, whose signatures fill `authorization`. */
export const TOKEN_HEADER = EdgeHeader.ViewerAuthorization;

/** Says who a request is from, and then whether it may. Both throw a ProblemError with an `auth.` code. */
export interface AccessControl {
	/** Before anything else of the request is looked at. */
	readonly authenticate: (headers: IncomingRequest["headers"]) => Promise<Caller>;
}

export interface Caller {
	readonly authorize: (request: Pick<DataRequest, "partition" | "operation">) => void;
}

const ANYBODY: Caller = { authorize: () => undefined };

/** Lets everybody do everything. */
export const openAccess: AccessControl = { authenticate: () => Promise.resolve(ANYBODY) };

/** What a deployment's policy says. @param verify for the policy `oidc` */
export function createAccessControl(policy: AccessPolicy, verify: TokenVerifier): AccessControl {
	if (policy.mode === "off") return openAccess;
	if (policy.mode === "closed") return { authenticate: () => Promise.reject(new ProblemError("auth.not-configured")) };
	const rules = new Map(policy.issuers.map((issuer) => [issuer.issuer, issuer]));
	return {
		authenticate: async (headers) => {
			const verified = await verify(bearerToken(headers));
			if (verified.kind === "unavailable") throw new ProblemError("auth.unavailable", `Nobody can be let in: ${verified.reason}.`);
			const rule = verified.kind === "verified" ? rules.get(verified.issuer) : undefined;
			if (verified.kind === "refused" || rule === undefined)
				throw refused(verified.kind === "refused" ? verified.reason : "its issuer is unknown");
			return callerWith(grantOf(verified.claims, rule));
		},
	};
}

const callerWith = (grant: Grant): Caller => ({
	authorize: ({ partition, operation }) => {
		const needs = needsOf(operation);
		const denial = denialOf(grant, partition, needs);
		if (denial === "partition") throw new ProblemError("auth.partition-denied");
		if (denial === "scope") {
			const headers = { "www-authenticate": 'Bearer error="insufficient_scope"' };
			throw new ProblemError("auth.scope-denied", `This takes the scope to ${[...needs].join(" and ")}.`, { headers });
		}
	},
});

function needsOf(operation: DataRequest["operation"]): ReadonlySet<Need> {
	const kinds = operation.kind === "batch" ? operation.operations.map(({ kind }) => kind) : [operation.kind];
	return new Set(kinds.map((kind) => (kind === "get" || kind === "list" ? "read" : "write")));
}

/**
 * The token that the edge or another region has put aside, or the one that came with the request. Another scheme in `authorization` is
 * the signature of whoever called the function URL. Two different tokens are no token: each part would believe another one.
 */
function bearerToken(headers: IncomingRequest["headers"]): string {
	const given = [headers[TOKEN_HEADER], headers["authorization"]].flatMap((text) => {
		const [, token] = /^bearer +(.*)$/is.exec(text?.trim() ?? "") ?? [];
		return token === undefined ? [] : [token];
	});
	const [token, other] = given;
	if (token === undefined) throw new ProblemError("auth.missing", undefined, { headers: { "www-authenticate": "Bearer" } });
	if (other !== undefined && other !== token) throw refused("there are two of them");
	if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) throw refused("the token is not a JWT");
	return token;
}

const refused = (reason: string): ProblemError =>
	new ProblemError("auth.invalid", `The token does not count: ${reason}.`, {
		headers: { "www-authenticate": 'Bearer error="invalid_token"' },
	});
