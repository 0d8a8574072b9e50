import type { CloudFrontRequest, CloudFrontResponse, CloudFrontResponseResult } from "aws-lambda";
import { isRegionId, type RegionId } from "#domain/geography/region-id.ts";
import { isPartitionId } from "#domain/partition/partition-id.ts";
import { EdgeHeader } from "#domain/routing/edge-headers.ts";
import type { TaughtRoute } from "#domain/routing/known-route.ts";
import { isOfEntrance, publicResponse } from "#lambdas/learn-route/public-response.ts";
import type { WarmParts } from "#lambdas/route-request/origin-request.ts";

/** Learns from an answer who leads and who answers at all, then hands on what viewers may see of it. */
export function learnFrom(
	request: CloudFrontRequest,
	response: CloudFrontResponse,
	requestId: string,
	{ book, health, origins, clock }: WarmParts,
): CloudFrontResponseResult {
	const region = origins.regionOf(request.origin?.custom?.domainName);
	if (region !== undefined) {
		if (isOfEntrance(response)) health.failed(region, clock.nowMs());
		else health.answered(region);
	}
	const partition = request.headers[EdgeHeader.Partition]?.[0]?.value;
	const taught = taughtBy(response);
	if (partition !== undefined && isPartitionId(partition) && taught !== undefined) book.learn(partition, taught);
	return publicResponse(response, requestId, region);
}

/** `x-heliotrope-epoch` and `x-heliotrope-replicas` (leader first); undefined where they tell nothing, as at epoch 0. */
function taughtBy({ headers }: CloudFrontResponse): TaughtRoute | undefined {
	const epoch = headers["x-heliotrope-epoch"]?.[0]?.value ?? "";
	const replicas = headers["x-heliotrope-replicas"]?.[0]?.value;
	if (replicas === undefined || !/^[1-9]\d{0,8}$/.test(epoch)) return undefined;
	const [leader, ...followers] = replicas.split(",").map((name) => name.trim());
	if (leader === undefined || ![leader, ...followers].every(isRegionId)) return undefined;
	return { leader: leader as RegionId, followers: followers as RegionId[], epoch: Number(epoch) };
}
