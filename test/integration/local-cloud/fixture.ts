import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import type { LocalClock } from "#local/clock/local-clock.ts";
import { WallClock } from "#local/clock/wall-clock.ts";
import { localDeployment } from "#local/deployment.ts";
import { type Engines, startEngines } from "#local/engines/engines.ts";
import { AccessControl } from "#local/gateway/access-control.ts";
import { Callers } from "#local/gateway/callers.ts";
import { type DynamodbServiceOptions, dynamodbService } from "#local/gateway/dynamodb-service.ts";
import { type Gateway, startGateway } from "#local/gateway/gateway.ts";
import { VirtualNetwork } from "#local/network/virtual-network.ts";

export const EAST = regionId("us-east-1");
export const WEST = regionId("eu-west-1");
export const STAGE = "test";

/** A directory of its own, removed by what it returns. */
export function temporaryDirectory(): { path: string; remove: () => void } {
	const path = mkdtempSync(join(tmpdir(), "heliotrope-"));
	return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export interface Fixture {
	readonly clock: LocalClock;
	readonly network: VirtualNetwork;
	readonly callers: Callers;
	readonly engines: Engines;
	readonly gateway: Gateway;
	readonly access: AccessControl;
	/** An unmodified client that signs with `accessKeyId` for `region`. */
	client(region: RegionId, accessKeyId?: string): DynamoDBDocumentClient;
	stop(): Promise<void>;
}

export async function startFixture(
	dataDir: string,
	more: { regions?: readonly RegionId[]; clock?: LocalClock; service?: Partial<DynamodbServiceOptions> } = {},
): Promise<Fixture> {
	const regions = more.regions ?? [EAST, WEST];
	const log = (): void => {};
	const clock =
		more.clock ??
		new WallClock((_label, error) => {
			throw error;
		});
	const network = new VirtualNetwork(clock, (from, to) => (from === to ? 0 : 4));
	const callers = new Callers();
	const engines = await startEngines({ regions, controlRegion: EAST, stage: STAGE, dataDir, log });
	const services = [dynamodbService({ engines, regions, stage: STAGE, ...more.service })];
	const access = new AccessControl(localDeployment({ regions }, EAST, STAGE));
	const gateway = await startGateway({ clock, network, callers, services, access, log });
	const clients: DynamoDBClient[] = [];
	return {
		clock,
		network,
		callers,
		engines,
		gateway,
		access,
		client: (region, accessKeyId = "outside") => {
			const credentials = { accessKeyId, secretAccessKey: "secret" };
			const client = new DynamoDBClient({ region, endpoint: gateway.url, credentials, maxAttempts: 8 });
			clients.push(client);
			return DynamoDBDocumentClient.from(client);
		},
		stop: async () => {
			for (const client of clients) client.destroy();
			await gateway.stop();
			await engines.stop();
			clock.stop();
		},
	};
}
