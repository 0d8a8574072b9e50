import { WHAT_TO_DO } from "#guard/own-login.ts";
import type { GuardOptions, Stale } from "#guard/partition-guard.ts";
import { envSchema } from "#lambdas/shared/env.ts";

/**
 * Finds out when a handler is made what would fail only once a partition has moved.
 *
 * @param environment where what the store works with will be made from it
 * @throws TypeError
 */
export function checkOptions(stale: Stale, { application = {}, forward, deps }: GuardOptions, environment: NodeJS.ProcessEnv): void {
	if (stale === "forward" && forward === undefined && Object.keys(application).length === 0)
		throw new TypeError('stale: "forward" needs application: the URL of this application in each region');
	if (stale === "serve" && deps === undefined && othersAreClosed(environment))
		throw new TypeError(`ACCESS is closed: the data planes of other regions would refuse every operation that is sent on. ${WHAT_TO_DO}`);
}

const surroundings = envSchema.pick({ ACCESS: true, REGIONS: true });

/** False where the environment says nothing that can be understood: whoever makes the store from it says what is wrong. */
function othersAreClosed(environment: NodeJS.ProcessEnv): boolean {
	try {
		const { ACCESS, REGIONS } = surroundings.parse(environment);
		return ACCESS.mode === "closed" && REGIONS.length > 1;
	} catch {
		return false;
	}
}
