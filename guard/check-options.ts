import type { GuardOptions, Stale } from "#guard/partition-guard.ts";

/** Finds out with the first line of a handler what would fail only once a partition has moved. @throws TypeError */
export function checkOptions(stale: Stale, { application = {}, forward }: GuardOptions): void {
	if (stale === "forward" && forward === undefined && Object.keys(application).length === 0)
		throw new TypeError('stale: "forward" needs application: the URL of this application in each region');
}
