import { TableName } from "#infra/description/tables.ts";

/** DynamoDB actions. Transactions need the actions of their parts, batches their own. */
export type TableAction =
	| "GetItem"
	| "BatchGetItem"
	| "Query"
	| "Scan"
	| "PutItem"
	| "UpdateItem"
	| "BatchWriteItem"
	| "ConditionCheckItem"
	| "DeleteItem";

/** What a function may do with one table, and in which regions. */
export interface TablePermission {
	readonly table: TableName;
	/** One of its indexes, in place of the table itself. */
	readonly index?: string;
	/** `own`: the region the function runs in; `control`: the control region; `every`: all regions of the deployment. */
	readonly where: "own" | "control" | "every";
	readonly actions: readonly TableAction[];
}

/** Everything a function may reach. What is not named here is refused on AWS. */
export interface FunctionPermissions {
	readonly tables: readonly TablePermission[];
	/** State machines of which it may start executions. */
	readonly starts?: readonly string[];
	/** State machines whose executions it may describe. */
	readonly describes?: readonly string[];
	/** May call the data plane of other regions. */
	readonly callsDataPlane?: boolean;
	/** May call what answers viewers: the application where a deployment has one, else the data planes. */
	readonly callsOrigins?: boolean;
	/** May call the model endpoint. */
	readonly callsModel?: boolean;
	/** What it may do with the features bucket: training sets and model archives. */
	readonly objects?: readonly ("read" | "write")[];
	/** May start training jobs of the deployment, or look at them. */
	readonly trains?: "starts" | "follows";
	/** May have the endpoint serve another model, or see whether it does. */
	readonly promotes?: "starts" | "follows";
}

const on = (table: TableName, where: TablePermission["where"], ...actions: TableAction[]): TablePermission => ({ table, where, actions });

const onIndex = (table: TableName, index: string, where: TablePermission["where"], ...actions: TableAction[]): TablePermission => ({
	...on(table, where, ...actions),
	index,
});

/** What a stage of a migration needs beyond its record: the partition's record, and items, journals and fences in every region. */
const stage = (
	metadata: readonly TableAction[],
	data: readonly TableAction[],
	more: readonly TablePermission[] = [],
): FunctionPermissions => ({
	tables: [
		on(TableName.Migrations, "control", "GetItem", "PutItem"),
		...(metadata.length === 0 ? [] : [on(TableName.Metadata, "control", ...metadata)]),
		on(TableName.Data, "every", ...data),
		...more,
	],
});
/** A read of items, and one of all fences of a partition. */
const READ: readonly TableAction[] = ["GetItem"];
/** Fences change where they stand; one that is not there yet is made by the same update. */
const FENCES: readonly TableAction[] = ["GetItem", "UpdateItem"];
/**
 * Whatever works on copies may meet what an earlier run or another executor has left: it carries (a put, with a check of the fence in its
 * transaction), removes journal entries and items (with the same check), and changes fences. Not less than this for any of them: what a
 * stage needs after a crash or under writers is more than what it needs when nothing happens.
 */
const COPIES: readonly TableAction[] = ["GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"];
const CHANGE: readonly TableAction[] = ["GetItem", "PutItem"];
const health = on(TableName.State, "control", "Query");

const STAGES: Readonly<Record<string, FunctionPermissions>> = {
	"plan-migration": stage(CHANGE, ["GetItem", "Query"], [on(TableName.State, "control", "GetItem", "Query", "BatchWriteItem")]),
	"create-replica": stage(READ, FENCES),
	quiesce: stage(READ, READ),
	synchronize: stage(READ, COPIES),
	// What a copy measures is kept for plans.
	verify: stage(READ, COPIES, [on(TableName.State, "control", "BatchWriteItem")]),
	"shift-traffic": stage(CHANGE, ["GetItem", "Query"], [health]),
	"cut-over": stage(READ, COPIES),
	"update-metadata": stage(CHANGE, FENCES),
	soak: stage(CHANGE, COPIES, [health]),
	"remove-source": stage(READ, COPIES),
	settle: stage(CHANGE, COPIES),
	"cancel-migration": stage(CHANGE, COPIES),
	"roll-back": stage(CHANGE, COPIES),
};

const model = (...actions: TableAction[]): TablePermission => on(TableName.Predictions, "control", ...actions);
const counts = (...actions: TableAction[]): TablePermission => on(TableName.Telemetry, "control", ...actions);

const OTHERS: Readonly<Record<string, FunctionPermissions>> = {
	"serve-data": {
		// Deletes are tombstones: the data plane takes nothing away.
		tables: [
			on(TableName.Data, "own", "GetItem", "Query", "PutItem", "UpdateItem", "ConditionCheckItem"),
			on(TableName.Metadata, "own", "GetItem", "Query"),
			on(TableName.Metadata, "control", "GetItem", "PutItem"),
			// Counts what a canary must not meet.
			on(TableName.State, "control", "UpdateItem"),
		],
		callsDataPlane: true,
	},
	// The nearest copy, and the next one where that is away. Every data plane is a leader somewhere.
	"route-request": { tables: [on(TableName.Metadata, "every", "GetItem", "Query")], callsOrigins: true },
	"learn-route": { tables: [] },
	// Reads at the leader, wherever it is by now; what was parked in the own region is released there.
	"carry-stream": {
		tables: [
			on(TableName.Data, "every", "GetItem", "PutItem", "UpdateItem", "ConditionCheckItem"),
			on(TableName.Data, "own", "Query", "DeleteItem"),
		],
	},
	"sweep-parked": {
		tables: [on(TableName.Data, "every", "GetItem", "PutItem", "ConditionCheckItem"), on(TableName.Data, "own", "Query", "DeleteItem")],
	},
	// Where its region's data plane is; withdrawn when the region is taken down.
	"register-data-plane": { tables: [on(TableName.Metadata, "control", "PutItem", "DeleteItem")] },
	// A transformation: what comes in goes out.
	"archive-accesses": { tables: [] },
	// The head is read and moved with what is appended.
	"publish-changes": { tables: [on(TableName.Changes, "control", "GetItem", "PutItem")] },
	// Walks all copies, removes those that nothing explains, takes back those of a region that has returned, and forgets promotions.
	"reconcile-migrations": {
		tables: [
			on(TableName.Data, "every", "GetItem", "Query", "Scan", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"),
			on(TableName.Metadata, "control", "GetItem", "BatchGetItem", "PutItem"),
			on(TableName.Migrations, "control", "GetItem", "PutItem"),
			onIndex(TableName.Migrations, "byState", "control", "Query"),
			on(TableName.Decisions, "control", "GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"),
		],
		starts: ["migrate"],
		describes: ["migrate"],
	},
	"count-accesses": { tables: [counts("PutItem", "UpdateItem"), on(TableName.State, "control", "PutItem", "BatchWriteItem")] },
	"list-shards": { tables: [counts("BatchGetItem", "Query"), model("BatchGetItem", "Query", "UpdateItem", "BatchWriteItem")] },
	"forecast-shard": { tables: [counts("Query"), model("BatchGetItem", "Query", "BatchWriteItem")], callsModel: true },
	"decide-placement": {
		tables: [
			// Copies are counted where a region's are limited, sizes read where bytes are.
			on(TableName.Metadata, "control", "BatchGetItem", "Scan"),
			on(TableName.State, "control", "GetItem"),
			// The run is marked as done, and what forecasts came to is learnt.
			model("BatchGetItem", "UpdateItem", "BatchWriteItem"),
			on(TableName.Decisions, "control", "BatchWriteItem"),
		],
	},
	"start-migrations": { tables: [on(TableName.Migrations, "control", "GetItem")], starts: ["migrate"], describes: ["migrate"] },
	"restore-model": { tables: [model("GetItem")], promotes: "starts" },
	"list-training-days": { tables: [counts("BatchGetItem"), model("GetItem")] },
	"export-training-day": { tables: [counts("BatchGetItem", "Query")], objects: ["write"] },
	"plan-training": { tables: [model("GetItem", "BatchWriteItem")], objects: ["read", "write"] },
	"start-training": { tables: [], trains: "starts" },
	"check-training": { tables: [], trains: "follows" },
	"judge-candidate": { tables: [model("GetItem", "BatchWriteItem")], objects: ["read"] },
	"promote-model": { tables: [], promotes: "starts" },
	"check-promotion": { tables: [model("GetItem", "BatchWriteItem")], promotes: "follows" },
	"record-training": { tables: [model("GetItem", "BatchWriteItem")] },
	administer: {
		tables: [
			on(TableName.Metadata, "control", "GetItem", "BatchGetItem", "Query", "Scan", "PutItem"),
			// Whether a region answers; orphans, which are deleted after proof; fences, where a region was lost.
			on(TableName.Data, "every", "GetItem", "Query", "Scan", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"),
			// The audit of copies is queried.
			on(TableName.Migrations, "control", "GetItem", "Query", "Scan", "PutItem"),
			onIndex(TableName.Migrations, "byState", "control", "Query"),
			on(TableName.State, "control", "GetItem", "Query"),
			// What placement has saved is told from counts.
			counts("BatchGetItem", "Query"),
			// Declared events are written and deleted there.
			model("GetItem", "BatchGetItem", "Query", "BatchWriteItem", "DeleteItem"),
			on(TableName.Decisions, "control", "GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"),
			on(TableName.Changes, "control", "GetItem", "Query"),
		],
		starts: ["migrate", "predict"],
		describes: ["migrate"],
	},
};

/** The permissions of a function of the description. @throws TypeError for a function that has none: a new function needs a row here. */
export function permissionsOf(functionName: string): FunctionPermissions {
	const permissions = STAGES[functionName] ?? OTHERS[functionName];
	if (permissions === undefined) throw new TypeError(`${functionName} has no row in infra/description/permissions.ts`);
	return permissions;
}
