import { join, resolve } from "node:path";
import type { RegionId } from "#domain/geography/region-id.ts";
import { OperatingError } from "#domain/shared/errors.ts";
import { mappingsOf } from "#infra/description/event-sources.ts";
import { TABLES, type TableName, tableName } from "#infra/description/tables.ts";
import { createTables } from "#local/engines/create-tables.ts";
import { findEngine } from "#local/engines/engine-binary.ts";
import { EngineClient } from "#local/engines/engine-client.ts";
import { type ConsumedUpTo, tendEngineFile } from "#local/engines/engine-file.ts";
import { EngineProcess } from "#local/engines/engine-process.ts";
import { checkExternalEndpoint } from "#local/engines/external-endpoint.ts";
import { freePorts } from "#local/engines/free-ports.ts";
import { clearLeftovers } from "#local/engines/leftovers.ts";
import { StartupError } from "#local/startup-error.ts";
import { type DataDirectoryLock, lockDataDirectory } from "#local/state/data-directory.ts";

export interface EnginesOptions {
	readonly regions: readonly RegionId[];
	readonly controlRegion: RegionId;
	readonly stage: string;
	readonly dataDir: string;
	readonly log: (line: string) => void;
	/** The sequence number up to which the functions fed from a table's stream are done. @default nothing is trimmed */
	readonly consumed?: (region: RegionId, table: TableName) => number | undefined;
	/** @default process.env */
	readonly env?: NodeJS.ProcessEnv;
}

/** The DynamoDB-compatible engines of all regions, their tables created. */
export interface Engines {
	readonly client: EngineClient;
	/** Base URL without a trailing slash; the same for the life of the cloud, also across restarts of an engine. */
	endpointOf(region: RegionId): string;
	/** SIGKILL of a region's engine; it is started again. @throws OperatingError `engine.external` when somebody else runs the engine */
	kill(region: RegionId): void;
	/** Ends every engine and frees the data directory. Idempotent. */
	stop(): Promise<void>;
}

/**
 * Locks the data directory, clears what a killed cloud left, and brings up the regions' engines.
 *
 * @throws StartupError `engine-missing`, `engine-failed`, `engine-shared`, `data-in-use`, `data-unwritable`
 */
export async function startEngines(options: EnginesOptions): Promise<Engines> {
	const source = findEngine(options.env ?? process.env);
	const lock = lockDataDirectory(options.dataDir);
	try {
		const killed = await clearLeftovers(options.dataDir);
		if (killed.length > 0) options.log(`ended ${killed.length} engines that an earlier run had left behind`);
		return source.kind === "endpoint" ? await useEndpoint(source.url, lock, options) : await startProcesses(source.path, lock, options);
	} catch (error) {
		lock.release();
		throw error;
	}
}

async function useEndpoint(url: string, lock: DataDirectoryLock, options: EnginesOptions): Promise<Engines> {
	const client = new EngineClient(() => url);
	await checkExternalEndpoint(client, url, options.regions);
	await Promise.all(options.regions.map((region) => createTables(client, region, options)));
	return {
		client,
		endpointOf: () => url,
		kill: () => {
			throw new OperatingError(`the engine at ${url} is not run by this cloud`, { code: "engine.external", retryable: false });
		},
		stop: async () => {
			client.close();
			lock.release();
		},
	};
}

async function startProcesses(binary: string, lock: DataDirectoryLock, options: EnginesOptions): Promise<Engines> {
	const { regions, dataDir, log } = options;
	const ports = await freePorts(regions.length);
	const portOf = new Map(regions.map((region, index) => [region, ports[index] as number]));
	const endpointOf = (region: RegionId): string => `http://127.0.0.1:${portOf.get(region)}`;
	const client = new EngineClient(endpointOf);
	const processes = new Map(
		regions.map((region, index) => {
			const dbPath = resolve(join(dataDir, "engines", `${region}.sqlite`));
			return [region, new EngineProcess({ region, binary, dataDir, dbPath, port: ports[index] as number, log })] as const;
		}),
	);
	const killAll = (): void => {
		for (const engine of processes.values()) engine.kill();
	};
	process.once("exit", killAll);
	let stopped: Promise<void> | undefined;
	const stop = async (): Promise<void> => {
		await Promise.all([...processes.values()].map((engine) => engine.stop()));
		process.off("exit", killAll);
		client.close();
		lock.release();
	};
	const engines: Engines = {
		client,
		endpointOf,
		kill: (region) => processes.get(region)?.kill(),
		stop: () => {
			stopped ??= stop();
			return stopped;
		},
	};
	try {
		await Promise.all([...processes].map(([region, engine]) => bringUp(region, engine, client, options)));
		return engines;
	} catch (error) {
		await engines.stop();
		throw asStartupError(error);
	}
}

async function bringUp(region: RegionId, engine: EngineProcess, client: EngineClient, options: EnginesOptions): Promise<void> {
	tend(region, engine.dbPath, consumedBy(region, options));
	await engine.start();
	await createTables(client, region, options);
	// A new file got its stream table from the engine just now.
	tend(region, engine.dbPath, () => undefined);
}

function tend(region: RegionId, path: string, consumedUpTo: ConsumedUpTo): void {
	try {
		tendEngineFile(path, consumedUpTo);
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw new StartupError("engine-failed", `the tables of ${region} in ${path} cannot be opened: ${reason}`, error);
	}
}

const asStartupError = (error: unknown): unknown =>
	error instanceof OperatingError && !(error instanceof StartupError) ? new StartupError("engine-failed", error.message, error) : error;

/** A stream that feeds no function is of use to nobody. */
const consumedBy = (region: RegionId, { stage, controlRegion, consumed }: EnginesOptions): ConsumedUpTo => {
	const upTo = new Map<string, number | undefined>();
	for (const { name } of TABLES.filter((table) => table.stream !== undefined)) {
		const isRead = mappingsOf(region, controlRegion).some(({ table }) => table === name);
		upTo.set(tableName(stage, name), isRead ? consumed?.(region, name) : Number.MAX_SAFE_INTEGER);
	}
	return (table) => upTo.get(table);
};
