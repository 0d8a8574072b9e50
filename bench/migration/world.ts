import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createRegionalStores } from "#adapters/dynamodb/dynamodb-regional-store.ts";
import { createMetadataStore } from "#adapters/dynamodb/metadata-store.ts";
import { createMigrationStore } from "#adapters/dynamodb/migration-store.ts";
import { temporaryDirectory } from "#bench/local/stopwatch.ts";
import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import { createRttTable } from "#domain/geography/round-trip-time.ts";
import { MIGRATION_SETTINGS } from "#domain/migration/settings.ts";
import type { StageDeps } from "#domain/migration/stage-context.ts";
import type { MetadataStore } from "#domain/ports/metadata-store.ts";
import type { RegionalStores } from "#domain/ports/regional-store.ts";
import { TableName, tableName } from "#infra/description/tables.ts";
import { WallClock } from "#local/clock/wall-clock.ts";
import { type Engines, startEngines } from "#local/engines/engines.ts";
import { Callers } from "#local/gateway/callers.ts";
import { dynamodbService } from "#local/gateway/dynamodb-service.ts";
import { startGateway } from "#local/gateway/gateway.ts";
import { VirtualNetwork } from "#local/network/virtual-network.ts";
import { prepareDataDirectory } from "#local/state/data-directory.ts";

const STAGE = "bench";
export const DATA_TABLE = tableName(STAGE, TableName.Data);
const METADATA_TABLE = tableName(STAGE, TableName.Metadata);

/** The control region, where the stages run; and the other one. */
export const HOME = regionId("us-east-1");
export const AWAY = regionId("eu-west-1");
export const REGIONS: readonly RegionId[] = [HOME, AWAY];

/** Two regions on the machine's own time: real engines, a network that can be switched between distance and none. */
export interface MigrationWorld {
	readonly clock: WallClock;
	readonly network: VirtualNetwork;
	/** Round-trip time between the two regions in ms while there is distance. */
	readonly rttMs: number;
	/** Whether calls between the regions take their round-trip time. At the start they do not. */
	setDistance(far: boolean): void;
	/** What the stages need, running in `HOME`. */
	readonly stages: StageDeps;
	/** The data tables as somebody in `region` reaches them. */
	storesFrom(region: RegionId): RegionalStores;
	readonly metadata: MetadataStore;
	readonly engines: Engines;
	/** A client for the engine of a region itself, without gateway and distance. */
	engineClient(region: RegionId): DynamoDBClient;
}

/** Starts it; `stack` stops it. */
export async function openWorld(stack: AsyncDisposableStack): Promise<MigrationWorld> {
	const dataDir = temporaryDirectory(stack);
	prepareDataDirectory(dataDir);
	const log = (): void => {};
	const clock = new WallClock((_label, error) => {
		throw error;
	});
	stack.defer(() => clock.stop());
	const engines = await startEngines({ regions: REGIONS, controlRegion: HOME, stage: STAGE, dataDir, log });
	stack.defer(() => engines.stop());
	const rtt = createRttTable(REGIONS);
	let far = false;
	const network = new VirtualNetwork(clock, (from, to) => (far ? rtt(from, to) : 0));
	const callers = new Callers();
	const services = [dynamodbService({ engines, regions: REGIONS, stage: STAGE })];
	const gateway = await startGateway({ clock, network, callers, services, log });
	stack.defer(() => gateway.stop());
	const clientsFrom =
		(from: RegionId) =>
		(region: RegionId): DynamoDBClient =>
			clientOf({ region, endpoint: gateway.url, accessKeyId: callers.issue(from, "bench").accessKeyId }, stack);
	const storesFrom = (from: RegionId): RegionalStores =>
		createRegionalStores({ tableName: DATA_TABLE, regions: REGIONS, clock, clientFor: clientsFrom(from) });
	const homeClient = clientsFrom(HOME);
	const metadata = createMetadataStore({ tableName: METADATA_TABLE, region: HOME, controlRegion: HOME, clientFor: homeClient, clock });
	const migrations = createMigrationStore({
		tableName: tableName(STAGE, TableName.Migrations),
		controlRegion: HOME,
		client: homeClient(HOME),
	});
	return {
		clock,
		network,
		rttMs: rtt(HOME, AWAY),
		setDistance: (value) => {
			far = value;
		},
		stages: { stores: storesFrom(HOME), metadata, migrations, clock, regions: REGIONS, settings: MIGRATION_SETTINGS },
		storesFrom,
		metadata,
		engines,
		engineClient: (region) => engineClient(engines, region, stack),
	};
}

const engineClient = (engines: Engines, region: RegionId, stack: AsyncDisposableStack): DynamoDBClient =>
	clientOf({ region, endpoint: engines.endpointOf(region), accessKeyId: "bench" }, stack);

function clientOf(
	{ region, endpoint, accessKeyId }: { readonly region: RegionId; readonly endpoint: string; readonly accessKeyId: string },
	stack: AsyncDisposableStack,
): DynamoDBClient {
	const client = new DynamoDBClient({ region, endpoint, maxAttempts: 1, credentials: { accessKeyId, secretAccessKey: "bench" } });
	client.middlewareStack.remove("loggerMiddleware");
	stack.defer(() => client.destroy());
	return client;
}
