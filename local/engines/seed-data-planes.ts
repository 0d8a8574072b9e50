import { dataPlaneKey } from "#adapters/dynamodb/data-plane-key.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import { TableName, tableName } from "#infra/description/tables.ts";
import type { EngineClient } from "#local/engines/engine-client.ts";

export interface DataPlanesToSeed {
	readonly engine: EngineClient;
	readonly regions: readonly RegionId[];
	readonly stage: string;
	/** Where the region's function URL listens this time. */
	readonly urlOf: (region: RegionId) => string;
}

/**
 * Writes where the data planes are into every copy of the metadata. On AWS `register-data-plane` writes it once, when a region is deployed,
 * and the global table brings it everywhere before anybody sends a request; here ports change at every start, and nobody sends before it.
 */
export async function seedDataPlanes({ engine, regions, stage, urlOf }: DataPlanesToSeed): Promise<void> {
	const items = regions.map((region) => ({ ...dataPlaneKey(region), url: urlOf(region) }));
	await Promise.all(
		regions.flatMap((copy) =>
			items.map((item) =>
				engine.json(copy, "DynamoDB_20120810.PutItem", {
					TableName: tableName(stage, TableName.Metadata),
					Item: Object.fromEntries(Object.entries(item).map(([name, value]) => [name, { S: value }])),
				}),
			),
		),
	);
}
