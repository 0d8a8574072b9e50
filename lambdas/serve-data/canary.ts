import type { RegionId } from "#domain/geography/region-id.ts";
import { versionOfTag } from "#domain/partition/etag.ts";
import type { Fence } from "#domain/partition/fence.ts";
import { compareVersions, etagOf } from "#domain/partition/version.ts";
import { bucketOf } from "#domain/ring/ring.ts";
import type { Answer } from "#lambdas/serve-data/answer.ts";
import type { DataRequest } from "#lambdas/serve-data/data-request.ts";
import type { DataPlaneDeps } from "#lambdas/serve-data/deps.ts";
import { forwardToLeader } from "#lambdas/serve-data/forward-request.ts";

/**
 * A linearizable read sent here by the canary: reads the own copy, returns the leader's answer, and tells whether both hold the same
 * version. A copy that is behind is looked at once more, for what was being carried while the leader answered; being behind is the way
 * of copies. A copy that was ahead of what its leader answers later is wrong, and the migration has to know.
 */
export async function serveCanaryRead(
	deps: DataPlaneDeps,
	request: DataRequest,
	key: string,
	requestId: string,
	to: { readonly leader: RegionId; readonly buckets: number; readonly fence: Fence | undefined },
): Promise<Answer> {
	const before = await ownTag(deps, request, key, to.buckets);
	const answer = await forwardToLeader(deps, request, requestId, to);
	if (![200, 304, 404].includes(answer.status)) return answer;
	const leaderTag = answer.headers["etag"];
	const own = before === leaderTag ? before : await ownTag(deps, request, key, to.buckets);
	const diverges = own !== leaderTag;
	if (diverges) {
		const { partition } = request;
		const ahead = isAhead(before, leaderTag);
		const line = {
			event: "canary.divergence",
			region: deps.region,
			partition,
			requestId,
			own: own ?? null,
			leader: leaderTag ?? null,
			ahead,
		};
		deps.log(line);
		if (ahead) await report(deps, request);
	}
	return { ...answer, headers: { ...answer.headers, "x-heliotrope-canary-divergence": diverges ? "1" : "0" } };
}

/** Whether a copy held a newer version than its leader, which was asked afterwards. */
function isAhead(own: string | undefined, leader: string | undefined): boolean {
	const [mine, theirs] = [versionOfTag(own ?? ""), versionOfTag(leader ?? "")];
	return mine !== undefined && theirs !== undefined && compareVersions(mine, theirs) > 0;
}

/** The viewer gets the leader's answer whether or not this can be written down. */
async function report({ reportDivergence, log, region }: DataPlaneDeps, { partition }: DataRequest): Promise<void> {
	try {
		await reportDivergence?.(partition);
	} catch (error) {
		log({ event: "canary.divergence-not-counted", region, partition, error: String(error) });
	}
}

/** The entity tag of the live item in this region's copy. */
async function ownTag({ store }: DataPlaneDeps, { partition }: DataRequest, key: string, buckets: number): Promise<string | undefined> {
	const item = await store.readItem({ partition, bucket: bucketOf(key, buckets) }, key);
	return item === undefined || item.deleted ? undefined : etagOf(item.version);
}
