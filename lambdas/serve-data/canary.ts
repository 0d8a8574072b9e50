import type { RegionId } from "#domain/geography/region-id.ts";
import type { Fence } from "#domain/partition/fence.ts";
import { etagOf } from "#domain/partition/version.ts";
import { bucketOf } from "#domain/ring/ring.ts";
import type { Answer } from "#lambdas/serve-data/answer.ts";
import type { DataRequest } from "#lambdas/serve-data/data-request.ts";
import type { DataPlaneDeps } from "#lambdas/serve-data/deps.ts";
import { forwardToLeader } from "#lambdas/serve-data/forward-request.ts";

/**
 * A linearizable read sent here by the canary: reads the own copy, returns the leader's answer, and tells whether both hold the same
 * version. A copy that is behind is looked at once more, for what was being carried while the leader answered.
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
		deps.log({ event: "canary.divergence", region: deps.region, partition, requestId, own: own ?? null, leader: leaderTag ?? null });
	}
	return { ...answer, headers: { ...answer.headers, "x-heliotrope-canary-divergence": diverges ? "1" : "0" } };
}

/** The entity tag of the live item in this region's copy. */
async function ownTag({ store }: DataPlaneDeps, { partition }: DataRequest, key: string, buckets: number): Promise<string | undefined> {
	const item = await store.readItem({ partition, bucket: bucketOf(key, buckets) }, key);
	return item === undefined || item.deleted ? undefined : etagOf(item.version);
}
