import { FUNCTIONS } from "#infra/description/functions.ts";
import { type FunctionPermissions, permissionsOf, TABLE_ACTIONS, type TableAccessKind } from "#infra/description/permissions.ts";
import { tableName } from "#infra/description/tables.ts";
import type { CallCount } from "#local/gateway/call-log.ts";

/** The access that an operation asks for at least; what a transaction's parts need is not in the log. */
const BY_OPERATION: Readonly<Record<string, TableAccessKind>> = {
	...Object.fromEntries(
		Object.entries(TABLE_ACTIONS).flatMap(([kind, actions]) => actions.map((action) => [action, kind as TableAccessKind])),
	),
	TransactGetItems: "read",
	TransactWriteItems: "write",
};

/** The calls of functions that infra/description/permissions.ts does not allow: on AWS they would be refused. */
export function undeclaredCalls(calls: readonly CallCount[], stage: string, controlRegion: string): readonly CallCount[] {
	const deployed = new Set(FUNCTIONS.filter(({ placement }) => placement !== "edge").map(({ name }) => name));
	return calls.filter((call) => deployed.has(call.caller) && !isDeclared(call, permissionsOf(call.caller), stage, controlRegion));
}

function isDeclared(call: CallCount, permissions: FunctionPermissions, stage: string, controlRegion: string): boolean {
	if (call.service === "sagemaker") return permissions.callsModel === true;
	if (call.service === "states") {
		const allowed = call.operation === "StartExecution" ? permissions.starts : permissions.describes;
		return (allowed ?? []).length > 0;
	}
	const kind = BY_OPERATION[call.operation];
	return permissions.tables.some(({ table, where, access }) => {
		const isThere = { own: call.region === call.from, control: call.region === controlRegion, every: true }[where];
		return tableName(stage, table) === call.table && isThere && kind !== undefined && access.includes(kind);
	});
}
