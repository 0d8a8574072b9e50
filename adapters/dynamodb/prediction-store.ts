import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { chunksOf, getMany, getOne, type Item, keyOf, putMany, type Table } from "#adapters/dynamodb/batches.ts";
import {
	CALIBRATION_KEY,
	decodeCalibration,
	decodeForecast,
	decodeGlobal,
	decodeParent,
	encodeCalibration,
	encodeForecast,
	encodeGlobal,
	encodeParent,
	GLOBAL_KEY,
	parentItemKey,
	partitionItemKey,
} from "#adapters/dynamodb/prediction-items.ts";
import { queryAll } from "#adapters/dynamodb/query-all.ts";
import { AmbiguousConditionError, repeatable } from "#adapters/dynamodb/retry.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { ForecastList, PartitionForecast, PredictionStore, RunProgress } from "#domain/ports/prediction-store.ts";
import { HOUR_MS, hourIso } from "#domain/prediction/hours.ts";
import { shardOf } from "#domain/prediction/shard.ts";
import { KEY } from "#infra/description/tables.ts";

const RUN_KEY = keyOf("RUN", "progress");
const LISTS = "D";
/** Names of one list item: 1,500 of at most 128 characters stay well below the 400 KiB of an item. */
const NAMES_PER_LIST = 1500;
/** Lists are read twice: by the run that writes them, and when they are due. */
const LIST_TTL_SECONDS = 14 * 24 * 3600;

/** The predictions table. @see ARCHITECTURE.md for its keys */
export function createPredictionStore(table: Table): PredictionStore {
	return {
		readProgress: () => readProgress(table),
		claimRun: (runId, seen, nowMs, leaseUntilMs) => claimRun(table, runId, seen, nowMs, leaseUntilMs),
		completeRun: (runId, progress) => completeRun(table, runId, progress),
		dueLists: (fromHour, throughHour) => dueLists(table, fromHour, throughHour),
		writeForecasts: (dueHour, runHour, forecasts) => writeForecasts(table, dueHour, runHour, forecasts),
		readLists: (keys) => readLists(table, keys),
		async readPartitions(partitions) {
			const forecasts = (await getMany(table, partitions.map(partitionItemKey))).map(decodeForecast);
			return new Map(forecasts.map((forecast) => [forecast.partition, forecast]));
		},
		async readParents(keys) {
			return new Map((await getMany(table, keys.map(parentItemKey))).map(decodeParent));
		},
		async readGlobal() {
			const item = await getOne(table, GLOBAL_KEY);
			return item === undefined ? undefined : decodeGlobal(item);
		},
		writeShared: (parents, global) =>
			putMany(table, [...[...parents].map(encodeParent), ...(global === undefined ? [] : [encodeGlobal(global)])]),
		async readCalibration() {
			const item = await getOne(table, CALIBRATION_KEY);
			return item === undefined ? undefined : decodeCalibration(item);
		},
		writeCalibration: (calibration) => putMany(table, [encodeCalibration(calibration)]),
	};
}

async function readProgress(table: Table): Promise<RunProgress> {
	const item = await getOne(table, RUN_KEY);
	return { throughHour: hourIn(item, "throughHour"), dueThroughHour: hourIn(item, "dueThroughHour") };
}

const hourIn = (item: Item | undefined, name: string): number | undefined => (typeof item?.[name] === "number" ? item[name] : undefined);

function claimRun(table: Table, runId: string, seen: RunProgress, nowMs: number, leaseUntilMs: number): Promise<boolean> {
	const known = Object.entries(seen).filter(([, hour]) => hour !== undefined);
	return updateRun(table, {
		UpdateExpression: "SET #holder = :me, #leaseUntilMs = :leaseUntilMs",
		ConditionExpression: [
			"(attribute_not_exists(#holder) OR #holder = :me OR #leaseUntilMs < :now)",
			...Object.entries(seen).map(([name, hour]) => (hour === undefined ? `attribute_not_exists(#${name})` : `#${name} = :${name}`)),
		].join(" AND "),
		ExpressionAttributeNames: {
			"#holder": "holder",
			"#leaseUntilMs": "leaseUntilMs",
			...Object.fromEntries(Object.keys(seen).map((name) => [`#${name}`, name])),
		},
		ExpressionAttributeValues: {
			":me": runId,
			":leaseUntilMs": leaseUntilMs,
			":now": nowMs,
			...Object.fromEntries(known.map(([name, hour]) => [`:${name}`, hour])),
		},
	});
}

function completeRun(table: Table, runId: string, progress: { throughHour: number; dueThroughHour: number }): Promise<boolean> {
	return updateRun(table, {
		UpdateExpression: "SET #throughHour = :throughHour, #dueThroughHour = :dueThroughHour REMOVE #holder, #leaseUntilMs",
		// a repetition after the run was completed meets its own progress
		ConditionExpression:
			"#holder = :me OR (attribute_not_exists(#holder) AND #throughHour = :throughHour AND #dueThroughHour = :dueThroughHour)",
		ExpressionAttributeNames: {
			"#holder": "holder",
			"#leaseUntilMs": "leaseUntilMs",
			"#throughHour": "throughHour",
			"#dueThroughHour": "dueThroughHour",
		},
		ExpressionAttributeValues: { ":me": runId, ":throughHour": progress.throughHour, ":dueThroughHour": progress.dueThroughHour },
	});
}

async function updateRun(table: Table, update: Omit<UpdateCommand["input"], "TableName" | "Key">): Promise<boolean> {
	const command = new UpdateCommand({ TableName: table.tableName, Key: { ...RUN_KEY }, ...update });
	try {
		await repeatable(table, "UpdateItem", () => table.client.send(command));
		return true;
	} catch (error) {
		// both updates accept their own effect, so a condition that fails after a lost answer was failed by another run
		const condition = error instanceof AmbiguousConditionError ? error.condition : error;
		if (condition instanceof ConditionalCheckFailedException) return false;
		throw error;
	}
}

async function dueLists(table: Table, fromHour: number, throughHour: number): Promise<readonly ForecastList[]> {
	// a repetition of an old run: BETWEEN refuses bounds in the wrong order
	if (fromHour > throughHour) return [];
	const items = await queryAll(table, {
		KeyConditionExpression: "#pk = :pk AND #sk BETWEEN :from AND :through",
		ProjectionExpression: "#sk, #size",
		ExpressionAttributeNames: { "#pk": KEY.partitionKey, "#sk": KEY.sortKey, "#size": "size" },
		ExpressionAttributeValues: { ":pk": LISTS, ":from": hourIso(fromHour), ":through": `${hourIso(throughHour)}~` },
	});
	return items.map((item) => {
		const key = String(item[KEY.sortKey]);
		return { key, shard: Number(key.split("#")[1]), size: Number(item["size"]) };
	});
}

async function writeForecasts(
	table: Table,
	dueHour: number,
	runHour: number,
	forecasts: readonly PartitionForecast[],
): Promise<readonly string[]> {
	const partitions = forecasts.map(({ partition }) => partition);
	const lists = [...Map.groupBy(partitions, shardOf)].flatMap(([shard, names]) =>
		chunksOf(names, NAMES_PER_LIST).map((part, index) => ({
			...keyOf(LISTS, `${hourIso(dueHour)}#${shard}#${hourIso(runHour)}#${index}`),
			names: part,
			size: part.length,
			[KEY.expiry]: (dueHour * HOUR_MS) / 1000 + LIST_TTL_SECONDS,
		})),
	);
	await putMany(table, [...lists, ...forecasts.map(encodeForecast)]);
	return lists.map((list) => list[KEY.sortKey]);
}

async function readLists(table: Table, keys: readonly string[]): Promise<readonly PartitionId[]> {
	const items = await getMany(
		table,
		keys.map((key) => keyOf(LISTS, key)),
	);
	return [...new Set(items.flatMap((item) => item["names"] as PartitionId[]))].sort();
}
