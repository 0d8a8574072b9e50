import { TableName } from "#infra/description/tables.ts";

/** Groups of DynamoDB actions. Transactions need the actions of their parts. */
export const TABLE_ACTIONS = {
	read: ["GetItem", "BatchGetItem", "Query"],
	scan: ["Scan"],
	write: ["PutItem", "UpdateItem", "BatchWriteItem", "ConditionCheckItem"],
	delete: ["DeleteItem"],
} as const;
export type TableAccessKind = keyof typeof TABLE_ACTIONS;

/** What a function may do with one table, and in which regions. */
export interface TablePermission {
	readonly table: TableName;
	/** `own`: the region the function runs in; `control`: the control region; `every`: all regions of the deployment. */
	readonly where: "own" | "control" | "every";
	readonly access: readonly TableAccessKind[];
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
	/** May call the model endpoint. */
	readonly callsModel?: boolean;
	/** What it may do with the features bucket: training sets and model archives. */
	readonly objects?: readonly ("read" | "write")[];
	/** May start training jobs of the deployment and look at them. */
	readonly trains?: boolean;
	/** May have the endpoint serve another model. */
	readonly promotes?: boolean;
}

const on = (table: TableName, where: TablePermission["where"], ...access: TableAccessKind[]): TablePermission => ({ table, where, access });

const STAGE: FunctionPermissions = {
	tables: [
		on(TableName.Metadata, "control", "read", "write"),
		on(TableName.Data, "every", "read", "write", "delete"),
		on(TableName.Migrations, "control", "read", "write"),
		on(TableName.Telemetry, "control", "read"),
		on(TableName.State, "control", "read", "write"),
		on(TableName.Decisions, "control", "read", "write"),
	],
};

const BY_FUNCTION: Readonly<Record<string, FunctionPermissions>> = {
	"serve-data": {
		// Deletes are tombstones: the data plane takes nothing away.
		tables: [
			on(TableName.Data, "own", "read", "write"),
			on(TableName.Metadata, "own", "read"),
			on(TableName.Metadata, "control", "read", "write"),
			// Counts what a canary must not meet.
			on(TableName.State, "control", "write"),
		],
		callsDataPlane: true,
	},
	// The nearest copy, and the next one where that is away. Every data plane is a leader somewhere.
	"route-request": { tables: [on(TableName.Metadata, "every", "read")], callsDataPlane: true },
	"learn-route": { tables: [] },
	// What was parked in the own region is released there.
	"carry-stream": { tables: [on(TableName.Data, "every", "read", "write"), on(TableName.Data, "own", "delete")] },
	"sweep-parked": { tables: [on(TableName.Data, "every", "read", "write"), on(TableName.Data, "own", "delete")] },
	// Where its region's data plane is; withdrawn when the region is taken down.
	"register-data-plane": { tables: [on(TableName.Metadata, "control", "write", "delete")] },
	// A transformation: what comes in goes out.
	"archive-accesses": { tables: [] },
	// Forgets promotions that have nothing left to do.
	"reconcile-migrations": {
		tables: [...STAGE.tables, on(TableName.Data, "every", "scan"), on(TableName.Decisions, "control", "delete")],
		starts: ["migrate"],
		describes: ["migrate"],
	},
	"count-accesses": { tables: [on(TableName.Telemetry, "control", "write"), on(TableName.State, "control", "write")] },
	"list-shards": { tables: [on(TableName.Telemetry, "control", "read"), on(TableName.Predictions, "control", "read", "write")] },
	"forecast-shard": {
		tables: [on(TableName.Telemetry, "control", "read"), on(TableName.Predictions, "control", "read", "write")],
		callsModel: true,
	},
	"decide-placement": {
		tables: [
			// Copies are counted where a region's are limited, sizes read where bytes are.
			on(TableName.Metadata, "control", "read", "scan"),
			on(TableName.State, "control", "read"),
			on(TableName.Predictions, "control", "read", "write"),
			on(TableName.Decisions, "control", "write"),
		],
	},
	"start-migrations": { tables: [on(TableName.Migrations, "control", "read")], starts: ["migrate"], describes: ["migrate"] },
	"list-training-days": { tables: [on(TableName.Telemetry, "control", "read"), on(TableName.Predictions, "control", "read")] },
	"export-training-day": { tables: [on(TableName.Telemetry, "control", "read")], objects: ["write"] },
	"plan-training": { tables: [on(TableName.Predictions, "control", "read", "write")], objects: ["read", "write"] },
	"start-training": { tables: [], trains: true },
	"check-training": { tables: [], trains: true },
	"judge-candidate": { tables: [on(TableName.Predictions, "control", "read", "write")], objects: ["read"] },
	"promote-model": { tables: [], promotes: true },
	"check-promotion": { tables: [on(TableName.Predictions, "control", "read", "write")], promotes: true },
	"record-training": { tables: [on(TableName.Predictions, "control", "read", "write")] },
	administer: {
		tables: [
			on(TableName.Metadata, "control", "read", "scan", "write"),
			// Whether a region answers; orphans, which are deleted after proof.
			on(TableName.Data, "every", "read", "scan", "write", "delete"),
			on(TableName.Migrations, "control", "read", "scan", "write"),
			on(TableName.State, "control", "read"),
			// Declared events are written and deleted there.
			on(TableName.Predictions, "control", "read", "write", "delete"),
			on(TableName.Decisions, "control", "read", "write"),
		],
		starts: ["migrate", "predict"],
		describes: ["migrate"],
	},
};

const STAGE_FUNCTIONS = [
	"plan-migration",
	"create-replica",
	"quiesce",
	"synchronize",
	"verify",
	"shift-traffic",
	"cut-over",
	"update-metadata",
	"soak",
	"remove-source",
	"settle",
	"cancel-migration",
	"roll-back",
];

/** The permissions of a function of the description. @throws TypeError for a function that has none: a new function needs a row here. */
export function permissionsOf(functionName: string): FunctionPermissions {
	const permissions = STAGE_FUNCTIONS.includes(functionName) ? STAGE : BY_FUNCTION[functionName];
	if (permissions === undefined) throw new TypeError(`${functionName} has no row in infra/description/permissions.ts`);
	return permissions;
}
