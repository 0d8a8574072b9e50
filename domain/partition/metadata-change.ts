import type { PartitionRecord } from "#domain/partition/record.ts";
import type { Freeze } from "#domain/ports/metadata-store.ts";

/** What routing goes by, and what operators watch: leader, copies, epoch, phase, canary. */
const TOLD = ["leader", "followers", "epoch", "phase", "canary", "migrationId"] as const;
type Told = Pick<PartitionRecord, (typeof TOLD)[number]>;

/** One write of the metadata, as the change feed tells it. */
export type MetadataChange =
	| ({
			readonly kind: "partition";
			readonly partition: PartitionRecord["partition"];
			/** Of the record; of two changes of a partition the higher one is the newer. */
			readonly version: number;
			/** Names of the record's fields that differ from the version before, in alphabetical order; all of them for a new partition. */
			readonly changed: readonly string[];
			/** The partition's leader and epoch before this write; absent for a new partition. */
			readonly before?: Pick<PartitionRecord, "leader" | "epoch" | "phase">;
	  } & Told)
	| ({ readonly kind: "freeze" } & Freeze);

/** Fields that every write changes: that they differ says nothing. */
const ALWAYS = new Set(["version", "updatedAtMs"]);

/** What a write of a record has changed. Pure. */
export function describeChange(before: PartitionRecord | undefined, after: PartitionRecord): MetadataChange {
	const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after)]) as ReadonlySet<keyof PartitionRecord>;
	const differs = (name: keyof PartitionRecord): boolean => JSON.stringify(before?.[name]) !== JSON.stringify(after[name]);
	const told = Object.fromEntries(TOLD.flatMap((name) => (after[name] === undefined ? [] : [[name, after[name]]]))) as Told;
	return {
		kind: "partition",
		partition: after.partition,
		version: after.version,
		...told,
		changed: [...names].filter((name) => !ALWAYS.has(name) && differs(name)).sort(),
		...(before === undefined ? {} : { before: { leader: before.leader, epoch: before.epoch, phase: before.phase } }),
	};
}
