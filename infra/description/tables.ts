/** One table as both the CDK stacks and the local cloud create it. */
export interface TableDescription {
	/** Short name; the full name is `heliotrope-<stage>-<name>`. */
	readonly name: TableName;
	/** `global`: replicated to every region, last writer wins; `regional`: one independent table a region; `control`: in the control region only. */
	readonly placement: "global" | "regional" | "control";
	readonly stream?: "KEYS_ONLY" | "NEW_IMAGE" | "NEW_AND_OLD_IMAGES";
	readonly indexes?: readonly IndexDescription[];
}

export interface IndexDescription {
	readonly name: string;
	readonly partitionKey: string;
	readonly sortKey: string;
}

export const TableName = {
	/** Partition -> leader, followers, epoch, phase, policy. */
	Metadata: "metadata",
	/** Items, tombstones, journal entries and fences of a region. */
	Data: "data",
	/** Migration records: plan, stage, progress, history. */
	Migrations: "migrations",
	/** Access counts per hour, partition, region and segment. */
	Telemetry: "telemetry",
	/** Feature states and prediction vectors. */
	Predictions: "predictions",
	/** Partition state: load and health by window, size. */
	State: "state",
	/** Why a partition moved or did not. */
	Decisions: "decisions",
	/** What has happened to the metadata: the change feed. */
	Changes: "changes",
} as const;
export type TableName = (typeof TableName)[keyof typeof TableName];

/** Every table has this key, both parts strings, and expires items by this attribute (Unix seconds). */
export const KEY = { partitionKey: "pk", sortKey: "sk", expiry: "expiresAt" } as const;

export const TABLES: readonly TableDescription[] = [
	{ name: TableName.Metadata, placement: "global", stream: "NEW_AND_OLD_IMAGES" },
	{ name: TableName.Data, placement: "regional", stream: "KEYS_ONLY" },
	{
		name: TableName.Migrations,
		placement: "control",
		indexes: [{ name: "byState", partitionKey: "state", sortKey: "startedAt" }],
	},
	{ name: TableName.Telemetry, placement: "control" },
	{ name: TableName.State, placement: "control" },
	{ name: TableName.Predictions, placement: "control" },
	{ name: TableName.Decisions, placement: "control" },
	{ name: TableName.Changes, placement: "control" },
];

/** The table's name in an account: every name is scoped by stage. */
export const tableName = (stage: string, name: TableName): string => `heliotrope-${stage}-${name}`;
