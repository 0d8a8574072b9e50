import { type AttributeValue, type DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { isRegionId, type RegionId } from "#domain/geography/region-id.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import { type KnownRoute, routeOf } from "#domain/routing/known-route.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { KEY } from "#infra/description/tables.ts";

export interface RouteReaderOptions {
	readonly tableName: string;
	/** Copies of the metadata table to be asked, one after the other until one answers: the nearest first. */
	readonly copies: readonly RegionId[];
	readonly clientFor: (region: RegionId) => Pick<DynamoDBClient, "send">;
}

/** The attributes a route is made of, under names that are no reserved words. */
const FIELDS = ["leader", "followers", "epoch", "phase", "buckets", "residency", "canary", "migrationId"] as const;
const PROJECTION = FIELDS.map((field) => `#${field}`).join(", ");
const NAMES = Object.fromEntries(FIELDS.map((field) => [`#${field}`, field]));

type Attributes = Readonly<Record<string, AttributeValue>>;

/**
 * Routes from the nearest copy of the metadata table that answers, eventually consistent. Small on purpose: it is what the edge functions
 * carry of the metadata store, without schemas and document client.
 *
 * @throws UnavailableError from the returned function when no copy answers, or, not retryable, when the last one has a record that is none
 */
export function createRouteReader({ tableName, copies, clientFor }: RouteReaderOptions) {
	return async (partition: PartitionId): Promise<KnownRoute | undefined> => {
		let failure: unknown;
		for (const region of copies) {
			try {
				const { Item } = await clientFor(region).send(
					new GetItemCommand({
						TableName: tableName,
						Key: { [KEY.partitionKey]: { S: `P#${partition}` }, [KEY.sortKey]: { S: "record" } },
						ProjectionExpression: PROJECTION,
						ExpressionAttributeNames: NAMES,
					}),
				);
				return Item === undefined ? undefined : decodeRoute(partition, Item);
			} catch (cause) {
				failure = cause;
			}
		}
		if (failure instanceof UnavailableError) throw failure;
		throw new UnavailableError("no copy of the metadata table answers", { code: "metadata.unavailable", cause: failure });
	};
}

/** @throws UnavailableError when an attribute has not the shape that the metadata store writes */
export function decodeRoute(partition: PartitionId, item: Attributes): KnownRoute {
	const leader = regionOf(item["leader"]);
	const followers = regionsOf(item["followers"]);
	const [epoch, buckets] = [numberOf(item["epoch"]), numberOf(item["buckets"])];
	const phase = item["phase"]?.S;
	if (leader === undefined || followers === undefined || !(epoch >= 1) || !(buckets >= 1 && buckets <= 64) || phase === undefined) {
		throw new UnavailableError("a metadata record has an unexpected shape", { code: "metadata.invalid", retryable: false });
	}
	const residency = residencyOf(item["residency"]);
	const target = regionOf(item["canary"]?.M?.["target"]);
	const weight = numberOf(item["canary"]?.M?.["weight"]);
	const migrationId = item["migrationId"]?.S;
	return routeOf({
		partition,
		leader,
		followers,
		epoch,
		// a phase that this release does not know is one in which something moves
		phase: phase as "active",
		buckets,
		...(residency !== undefined && { residency }),
		...(target !== undefined && weight >= 0 && { canary: { target, weight } }),
		...(migrationId !== undefined && { migrationId }),
	});
}

const numberOf = (value: AttributeValue | undefined): number => Number(value?.N ?? Number.NaN);

const regionOf = (value: AttributeValue | undefined): RegionId | undefined =>
	value?.S !== undefined && isRegionId(value.S) ? value.S : undefined;

/** What is known to be allowed. What cannot be read allows nothing: the leader alone is then asked, and its data plane knows better. */
function residencyOf(value: AttributeValue | undefined): readonly RegionId[] | undefined {
	return value === undefined ? undefined : (value.L ?? []).map(regionOf).filter((region) => region !== undefined);
}

function regionsOf(value: AttributeValue | undefined): readonly RegionId[] | undefined {
	const regions = value?.L?.map(regionOf);
	return regions?.every((region) => region !== undefined) ? regions : undefined;
}
