import type { RegionId } from "#domain/geography/region-id.ts";
import type { EngineClient } from "#local/engines/engine-client.ts";
import { reasonOf, StartupError } from "#local/startup-error.ts";

const PROBE_TABLE = "heliotrope-region-probe";

/**
 * Makes sure that one endpoint may stand for all regions: it must keep a table of the same name in two regions apart by the
 * region of the request's credential, as DynamoDB Local does without `-sharedDb`. Renaming tables a region instead would need
 * every request and answer rewritten, ARNs included, and is not attempted.
 *
 * @throws StartupError `engine-failed`, `engine-shared`
 */
export async function checkExternalEndpoint(client: EngineClient, url: string, regions: readonly RegionId[]): Promise<void> {
	const [first, second] = regions;
	if (first === undefined) return;
	try {
		await removeProbe(client, first);
		if (second === undefined) return;
		await client.json(first, "DynamoDB_20120810.CreateTable", {
			TableName: PROBE_TABLE,
			BillingMode: "PAY_PER_REQUEST",
			AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
			KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
		});
		const shared = (await listTables(client, second)).includes(PROBE_TABLE);
		await removeProbe(client, first);
		if (shared) throw notSeparated(url, first, second);
	} catch (error) {
		if (error instanceof StartupError) throw error;
		const reason = reasonOf((error as Error).cause ?? error);
		throw new StartupError("engine-failed", `DYNAMODB_ENDPOINT ${url} does not answer as DynamoDB does: ${reason}`, error);
	}
}

const notSeparated = (url: string, first: RegionId, second: RegionId): StartupError =>
	new StartupError(
		"engine-shared",
		`DYNAMODB_ENDPOINT ${url} shows the tables of ${first} in ${second} too; use one that keeps regions apart (DynamoDB Local without -sharedDb) or set DYNOXIDE_BIN`,
	);

async function listTables(client: EngineClient, region: RegionId): Promise<readonly string[]> {
	return (await client.json<{ TableNames: string[] }>(region, "DynamoDB_20120810.ListTables", {})).TableNames;
}

async function removeProbe(client: EngineClient, region: RegionId): Promise<void> {
	if ((await listTables(client, region)).includes(PROBE_TABLE)) {
		await client.json(region, "DynamoDB_20120810.DeleteTable", { TableName: PROBE_TABLE });
	}
}
