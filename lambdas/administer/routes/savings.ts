import * as z from "zod";
import { migrationIdOf } from "#domain/migration/migration-id.ts";
import type { MigrationRecord } from "#domain/migration/record.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import { partitionSchema } from "#domain/partition/partition-schema.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";
import { isHeldOut } from "#domain/placement/holdout.ts";
import type { HourCount } from "#domain/prediction/feature-state.ts";
import { HOUR_MS, hourOf, lastClosedHour } from "#domain/prediction/hours.ts";
import { shardOf } from "#domain/prediction/shard.ts";
import { leadershipOf } from "#domain/savings/leadership.ts";
import { compareWithHoldout, measureSavings, type Savings, sumSavings } from "#domain/savings/measure-savings.ts";
import { AdminProblem, type AdminRequest, type AdminResponse, answer, parseQuery } from "#lambdas/administer/http.ts";
import type { AdminPorts } from "#lambdas/administer/ports.ts";
import type { Route } from "#lambdas/administer/router.ts";

const DAY_HOURS = 24;
/** Queries that one request may make: an hour and shard with accesses is one. */
const MAX_QUERIES = 5_000;
const CONCURRENT = 40;

const querySchema = z.strictObject({
	from: z.iso.datetime().optional(),
	to: z.iso.datetime().optional(),
	partition: partitionSchema.optional(),
	/** Partitions shown, those with the largest savings and losses first. The sums are over all. */
	limit: z.coerce.number().int().min(1).max(1000).default(100),
	/** Of an earlier list, with its period: first hour, last hour, partitions that were shown. */
	cursor: z
		.string()
		.regex(/^\d{1,7}-\d{1,7}-\d{1,9}$/, "is no cursor of this list")
		.optional(),
});

/**
 * `GET savings`: what placement saved in round-trip time, from counted accesses: against leaving every partition where it was first touched, and
 * against the holdout group. By default the last 24 closed hours. A page after the first counts the same period anew.
 */
async function showSavings(ports: AdminPorts, request: AdminRequest): Promise<AdminResponse> {
	const query = parseQuery(request, querySchema);
	const { partition, limit } = query;
	const { fromHour, throughHour, shown } = periodOf(query, lastClosedHour(ports.clock.nowMs()));
	const counts = await readCounts(ports, fromHour, throughHour, partition);
	const all = await inTurn([...counts], ([name, own]) => savingsOf(ports, name, own, fromHour));
	all.sort((a, b) => Math.abs(b.savedMs) - Math.abs(a.savedMs) || (a.partition < b.partition ? -1 : 1));
	return answer(200, {
		from: new Date(fromHour * HOUR_MS).toISOString(),
		to: new Date((throughHour + 1) * HOUR_MS).toISOString(),
		...sumSavings(all),
		againstHoldout: compareWithHoldout(all),
		partitionsCounted: all.length,
		partitions: all.slice(shown, shown + limit),
		...(all.length > shown + limit ? { cursor: `${fromHour}-${throughHour}-${shown + limit}` } : {}),
	});
}

/** The hours that are asked for, both included, and how many partitions earlier pages have shown. */
function periodOf({ from, to, cursor }: z.infer<typeof querySchema>, closed: number) {
	const [first, last, shown = 0] = cursor?.split("-").map(Number) ?? [];
	const wanted = last ?? (to === undefined ? closed : hourOf(Date.parse(to) - 1));
	const throughHour = Math.min(closed, wanted);
	const fromHour = first ?? (from === undefined ? throughHour - DAY_HOURS + 1 : hourOf(Date.parse(from)));
	if (fromHour > throughHour)
		throw new AdminProblem(400, "savings.period", "the period holds no closed hour: from has to be before to, and both before now");
	return { fromHour, throughHour, shown };
}

/** Accesses by partition. Those counted late are reported with a later hour, and bear their own. */
async function readCounts({ counts }: AdminPorts, fromHour: number, throughHour: number, only: PartitionId | undefined) {
	const reported = await counts.reportedShards(fromHour, throughHour);
	const reads = reported.flatMap(({ hour, shards }) =>
		shards.filter((shard) => only === undefined || shard === shardOf(only)).map((shard) => [hour, shard] as const),
	);
	if (reads.length > MAX_QUERIES)
		throw new AdminProblem(
			400,
			"savings.too-long",
			`the period takes ${reads.length} queries, ${MAX_QUERIES} are the most: ask for fewer hours, or for one partition`,
		);
	const rows = (await inTurn(reads, ([hour, shard]) => counts.readHour(hour, shard))).flat();
	const byPartition = new Map<PartitionId, HourCount[]>();
	for (const row of rows) {
		const name = partitionId(row.partition);
		if (only !== undefined && name !== only) continue;
		byPartition.set(name, [...(byPartition.get(name) ?? []), row]);
	}
	return byPartition;
}

type PartitionSavings = Savings & { readonly partition: PartitionId; readonly holdout: boolean };

async function savingsOf(
	ports: AdminPorts,
	partition: PartitionId,
	counts: readonly HourCount[],
	fromHour: number,
): Promise<PartitionSavings> {
	const record = await ports.metadata.readControl(partition);
	const holdout = isHeldOut(partition, ports.holdoutShare);
	if (record === undefined) return { partition, holdout, ...sumSavings([]) };
	const migrations = await migrationsSince(ports, record, fromHour * HOUR_MS);
	const home = (await firstMove(ports, record))?.plan.replicas.leaderBefore ?? record.leader;
	const before = migrations.at(-1)?.plan.replicas.leaderBefore ?? record.leader;
	const leadership = leadershipOf(record, migrations, before);
	return { partition, holdout, ...measureSavings(counts, { home, leadership }, ports.planning.rttMs ?? (() => 0)) };
}

/** Newest first, back to the one that was done before the period began. An epoch has one at most, under an id that is known beforehand. */
async function migrationsSince({ migrations }: AdminPorts, { partition, epoch }: PartitionRecord, sinceMs: number) {
	const found: MigrationRecord[] = [];
	for (let at = epoch; at >= 1; at -= 1) {
		const migration = await migrations.read(migrationIdOf(partition, at));
		if (migration !== undefined) found.push(migration);
		if (migration?.soakingSinceMs !== undefined && migration.soakingSinceMs < sinceMs) break;
	}
	return found;
}

/** The first change of leadership: before it the partition was at home. */
async function firstMove({ migrations }: AdminPorts, { partition, epoch }: PartitionRecord): Promise<MigrationRecord | undefined> {
	for (let at = 1; at <= epoch; at += 1) {
		const migration = await migrations.read(migrationIdOf(partition, at));
		if (migration?.plan.transfer !== undefined && migration.soakingSinceMs !== undefined) return migration;
	}
	return undefined;
}

/** Some at a time; the results in order. */
async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
	const results: R[] = [];
	for (let at = 0; at < items.length; at += CONCURRENT) results.push(...(await Promise.all(items.slice(at, at + CONCURRENT).map(work))));
	return results;
}

/** What placement has saved. */
export const SAVINGS_ROUTES: readonly Route[] = [{ method: "GET", pattern: "savings", handle: showSavings }];
