import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** An item as DynamoDB writes it: `{"S": …}`, `{"N": …}`, … by attribute. */
type Row = Readonly<Record<string, { readonly S?: string; readonly N?: string; readonly L?: readonly { readonly S?: string }[] }>>;

interface Fence {
	readonly role: string;
	readonly epoch: number;
	readonly mode: string;
	readonly migrationId: string | undefined;
	readonly expires: boolean;
}

/** What one region holds of one bucket. */
interface Bucket {
	fence: Fence | undefined;
	/** Version and content by key. */
	readonly items: Map<string, string>;
	readonly journal: string[];
}

/** A partition's record in one region's copy of the metadata. */
interface PartitionRow {
	readonly partition: string;
	readonly leader: string;
	readonly followers: readonly string[];
	readonly epoch: number;
	readonly phase: string;
	readonly buckets: number;
	readonly migrationId: string | undefined;
	readonly canary: boolean;
	readonly version: number;
}

const NOTHING: Bucket = { fence: undefined, items: new Map(), journal: [] };

/** Where the data table lists buckets with keys that a peer still lacks. */
const PARKED = "#owed";

/** How many buckets wait for a sweep to carry what their streams could not. The engines have been stopped. */
export const countParked = (dataDir: string, regions: readonly string[]): number =>
	regions.reduce((sum, region) => sum + rowsOf(dataDir, region, "data").filter(({ pk }) => pk?.S === PARKED).length, 0);

/** How many changes of the metadata are on their way to other regions: a delayed one takes half a minute of the clock. The host has been stopped. */
export function countShipments(dataDir: string): number {
	const db = new DatabaseSync(join(dataDir, "local.sqlite"), { readOnly: true, timeout: 5000 });
	try {
		return Number(db.prepare("SELECT count(*) AS open FROM kv WHERE space = 'replication.shipments'").get()?.["open"]);
	} finally {
		db.close();
	}
}

/** Looks into the files of engines that have been stopped. @returns a sentence for everything that a settled deployment must not hold */
export function inspectSettled(dataDir: string, regions: readonly string[]): readonly string[] {
	const records = new Map(regions.map((region) => [region, partitionsIn(dataDir, region)]));
	const data = new Map(regions.map((region) => [region, bucketsIn(dataDir, region)]));
	const control = records.get(regions[0] ?? "") ?? new Map<string, PartitionRow>();
	if (control.size === 0) return ["there is no partition"];
	const wrong: string[] = [];
	for (const record of control.values()) {
		wrong.push(...checkRecord(record));
		for (const region of regions) {
			const replica = records.get(region)?.get(record.partition);
			if (JSON.stringify(replica) !== JSON.stringify(record))
				wrong.push(`the metadata of ${record.partition} in ${region} has not converged`);
			for (let bucket = 0; bucket < record.buckets; bucket += 1) {
				const name = `${record.partition}#${bucket}`;
				const held = data.get(region)?.get(name) ?? NOTHING;
				const leads = data.get(record.leader)?.get(name) ?? NOTHING;
				wrong.push(...checkBucket(record, region, held, leads).map((problem) => `${name} in ${region}: ${problem}`));
			}
		}
	}
	const known = new Set(
		[...control.values()].flatMap(({ partition, buckets }) => Array.from({ length: buckets }, (_, n) => `${partition}#${n}`)),
	);
	for (const [region, buckets] of data) {
		for (const name of buckets.keys()) if (!known.has(name)) wrong.push(`${name} in ${region} belongs to no partition`);
	}
	return wrong;
}

function checkRecord({ partition, phase, migrationId, canary }: PartitionRow): readonly string[] {
	return [
		...(phase === "active" ? [] : [`${partition} is ${phase}`]),
		...(migrationId === undefined ? [] : [`${partition} is held by ${migrationId}`]),
		...(canary ? [`${partition} has a canary`] : []),
	];
}

function checkBucket(record: PartitionRow, region: string, held: Bucket, leads: Bucket): readonly string[] {
	const { fence, items, journal } = held;
	const wrong = journal.length === 0 ? [] : [`${journal.length} journal entries`];
	if (fence?.migrationId !== undefined && !fence.expires) wrong.push(`its fence is held by ${fence.migrationId}`);
	const role = region === record.leader ? "leader" : record.followers.includes(region) ? "follower" : undefined;
	if (role === undefined) {
		if (items.size > 0) wrong.push(`an orphan: ${items.size} items, the replica set is ${[record.leader, ...record.followers].join()}`);
		if (fence !== undefined && !fence.expires) wrong.push(`an orphan fence: ${fence.role} at epoch ${fence.epoch}`);
		return wrong;
	}
	if (fence?.role !== role) return [...wrong, `the fence is ${fence?.role ?? "absent"} and not ${role}`];
	if (fence.epoch !== record.epoch) wrong.push(`the fence is at epoch ${fence.epoch}, the record at ${record.epoch}`);
	if (fence.mode !== "steady") wrong.push(`the fence is ${fence.mode}`);
	const differing = [...new Set([...items.keys(), ...leads.items.keys()])].filter((key) => items.get(key) !== leads.items.get(key));
	if (differing.length > 0) wrong.push(`${differing.length} items differ from the leader's, for example ${differing[0]}`);
	return wrong;
}

function partitionsIn(dataDir: string, region: string): Map<string, PartitionRow> {
	const rows = rowsOf(dataDir, region, "metadata").filter(({ pk }) => pk?.S?.startsWith("P#"));
	return new Map(
		rows.map((row) => {
			const partition = row["pk"]?.S?.slice(2) ?? "";
			const record: PartitionRow = {
				partition,
				leader: row["leader"]?.S ?? "",
				followers: (row["followers"]?.L ?? []).map(({ S }) => S ?? ""),
				epoch: Number(row["epoch"]?.N),
				phase: row["phase"]?.S ?? "",
				buckets: Number(row["buckets"]?.N),
				migrationId: row["migrationId"]?.S,
				canary: row["canary"] !== undefined,
				version: Number(row["version"]?.N),
			};
			return [partition, record];
		}),
	);
}

function bucketsIn(dataDir: string, region: string): Map<string, Bucket> {
	const buckets = new Map<string, Bucket>();
	for (const row of rowsOf(dataDir, region, "data")) {
		const name = row["pk"]?.S ?? "";
		if (name === PARKED) continue;
		const bucket = buckets.get(name) ?? { fence: undefined, items: new Map<string, string>(), journal: [] };
		buckets.set(name, bucket);
		const sk = row["sk"]?.S ?? "";
		if (sk === "fence") bucket.fence = fenceOf(row);
		else if (sk.startsWith("journal#")) bucket.journal.push(sk);
		else if (sk.startsWith("item#")) bucket.items.set(sk, JSON.stringify([row["epoch"], row["n"], row["body"], row["deleted"]]));
	}
	return buckets;
}

const fenceOf = (row: Row): Fence => ({
	role: row["role"]?.S ?? "",
	epoch: Number(row["epoch"]?.N),
	mode: row["mode"]?.S ?? "",
	migrationId: row["migrationId"]?.S,
	expires: row["expiresAt"] !== undefined,
});

function rowsOf(dataDir: string, region: string, table: string): readonly Row[] {
	const db = new DatabaseSync(join(dataDir, "engines", `${region}.sqlite`), { readOnly: true, timeout: 5000 });
	try {
		return db
			.prepare(`SELECT item_json FROM "heliotrope-local-${table}"`)
			.all()
			.map((row) => JSON.parse(String(row["item_json"])) as Row);
	} finally {
		db.close();
	}
}
