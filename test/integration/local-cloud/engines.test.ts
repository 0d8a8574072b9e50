import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TableName, tableName } from "#infra/description/tables.ts";
import { WallClock } from "#local/clock/wall-clock.ts";
import { type Engines, type EnginesOptions, startEngines } from "#local/engines/engines.ts";
import { Callers } from "#local/gateway/callers.ts";
import { dynamodbService } from "#local/gateway/dynamodb-service.ts";
import { startGateway } from "#local/gateway/gateway.ts";
import { VirtualNetwork } from "#local/network/virtual-network.ts";
import { StartupError } from "#local/startup-error.ts";
import { openDurableState } from "#local/state/durable-state.ts";
import { EAST, STAGE, temporaryDirectory, WEST } from "#test/integration/local-cloud/fixture.ts";

const DATA = tableName(STAGE, TableName.Data);
let directory: ReturnType<typeof temporaryDirectory>;
let running: Engines[];
let holder: ChildProcess | undefined;

beforeEach(() => {
	directory = temporaryDirectory();
	running = [];
	holder = undefined;
});
afterEach(async () => {
	holder?.kill("SIGKILL");
	await Promise.all(running.map((engines) => engines.stop()));
	directory.remove();
});

async function start(more: Partial<EnginesOptions> = {}): Promise<Engines> {
	const options = { regions: [EAST, WEST], controlRegion: EAST, stage: STAGE, dataDir: directory.path, log: () => {} };
	const engines = await startEngines({ ...options, ...more });
	running.push(engines);
	return engines;
}

const put = (engines: Engines, n: number) =>
	engines.client.json(EAST, "DynamoDB_20120810.PutItem", {
		TableName: DATA,
		Item: { pk: { S: "p" }, sk: { S: "item#a" }, n: { N: String(n) } },
	});
const read = async (engines: Engines) =>
	(
		await engines.client.json<{ Item?: { n?: { N: string } } }>(EAST, "DynamoDB_20120810.GetItem", {
			TableName: DATA,
			Key: { pk: { S: "p" }, sk: { S: "item#a" } },
			ConsistentRead: true,
		})
	).Item?.n?.N;

/** A whole process that runs engines on the directory, to be killed. */
async function hold(): Promise<{ pids: readonly number[]; endpoint: string }> {
	const script = fileURLToPath(new URL("./hold-directory.ts", import.meta.url));
	holder = spawn(process.execPath, [script, directory.path], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	const [line] = (await once(holder.stdout ?? holder, "data")) as [Buffer];
	return JSON.parse(line.toString("utf8").replace("ready ", "")) as { pids: readonly number[]; endpoint: string };
}

const isAlive = (pid: number): boolean => {
	try {
		process.kill(pid, 0);
		return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
	} catch {
		return false;
	}
};

const failure = async (started: Promise<unknown>): Promise<StartupError> => {
	const error = await started.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	expect(error).toBeInstanceOf(StartupError);
	expect((error as Error).message).not.toContain("\n");
	return error as StartupError;
};

describe("engines", () => {
	test("keep what was written over stop and start, and stop twice", async () => {
		const first = await start();
		await put(first, 1);
		await Promise.all([first.stop(), first.stop()]);
		expect(readdirSync(join(directory.path, "pids"))).toEqual(["cloud.pid"]);
		expect(await read(await start())).toBe("1");
	});

	test("that are killed come back on the same address with what they had", async () => {
		const engines = await start();
		const endpoint = engines.endpointOf(EAST);
		for (let n = 1; n <= 3; n += 1) {
			await put(engines, n);
			engines.kill(EAST);
			await expect.poll(() => read(engines).catch(() => undefined)).toBe(String(n));
		}
		expect(engines.endpointOf(EAST)).toBe(endpoint);
	});

	test("have their streams indexed, and trimmed at a start up to what is consumed, but for the newest record", async () => {
		const engines = await start();
		for (let n = 1; n <= 6; n += 1) await put(engines, n);
		await engines.stop();
		const trimmed = await start({ consumed: (region) => (region === EAST ? 4 : undefined) });
		await put(trimmed, 7);
		await trimmed.stop();
		const all = await start({ consumed: () => 7 });
		await put(all, 8);
		await all.stop();
		const db = new DatabaseSync(join(directory.path, "engines", `${EAST}.sqlite`));
		const left = db.prepare("SELECT sequence_number AS n FROM _stream_records WHERE table_name = ?").all(DATA);
		expect(left.map((row) => row["n"])).toEqual(["7", "8"]);
		const plan = db
			.prepare("EXPLAIN QUERY PLAN SELECT MAX(CAST(sequence_number AS INTEGER)) FROM _stream_records WHERE table_name = ?")
			.all("x");
		expect(JSON.stringify(plan)).toContain("heliotrope_stream_table");
		db.close();
	});

	test("of a killed cloud are ended at the next start, and its state is all there", async () => {
		const { pids } = await hold();
		expect(pids.length).toBe(2);
		holder?.kill("SIGKILL");
		await once(holder as ChildProcess, "exit");
		expect(pids.map(isAlive)).toEqual([true, true]);
		const lines: string[] = [];
		await start({ log: (line) => lines.push(line) });
		expect(pids.map(isAlive)).toEqual([false, false]);
		expect(lines).toEqual(["ended 2 engines that an earlier run had left behind"]);
		const state = openDurableState(directory.path);
		expect(state.space<number>("numbers").entries().length).toBe(100);
		state.close();
	});

	test("leave a process alone that merely has the pid of an earlier engine", async () => {
		await (await start()).stop();
		const innocent = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
		const record = { pid: innocent.pid, dbPath: join(directory.path, "engines", `${EAST}.sqlite`) };
		writeFileSync(join(directory.path, "pids", `engine-${EAST}.json`), JSON.stringify(record));
		writeFileSync(join(directory.path, "pids", `engine-${WEST}.json`), '{"pid":');
		await start();
		expect(innocent.exitCode).toBeNull();
		expect(innocent.signalCode).toBeNull();
		innocent.kill("SIGKILL");
	});
});

describe("a start that cannot succeed says why in one line", () => {
	test("the directory of a running cloud, whose engines go on", async () => {
		const { pids } = await hold();
		const error = await failure(start());
		expect(error.code).toBe("startup.data-in-use");
		expect(error.message).toContain(`process ${holder?.pid}`);
		expect((await failure(Promise.resolve().then(() => openDurableState(directory.path)))).code).toBe("startup.data-in-use");
		expect(pids.map(isAlive)).toEqual([true, true]);
		// They would outlive this test.
		holder?.kill("SIGKILL");
		await once(holder as ChildProcess, "exit");
		await (await start()).stop();
	});

	test("a directory that cannot be created", async () => {
		const path = join(directory.path, "file");
		writeFileSync(path, "");
		const error = await failure(start({ dataDir: join(path, "data") }));
		expect([error.code, error.message]).toEqual([
			"startup.data-unwritable",
			`the data directory ${join(path, "data")} cannot be written (ENOTDIR); name a writable one with --data`,
		]);
	});

	test("a named engine that is none", async () => {
		const error = await failure(start({ env: { DYNOXIDE_BIN: "/nowhere/dynoxide" } }));
		expect(error.code).toBe("startup.engine-missing");
		expect(error.message).toContain("DYNOXIDE_BIN names /nowhere/dynoxide");
	});

	test("an engine that does not come up, with its last words, leaving nothing behind", async () => {
		const path = join(directory.path, "engine.sh");
		writeFileSync(path, "#!/bin/sh\necho starting >&2\necho cannot open the database >&2\nexit 1\n", { mode: 0o755 });
		const error = await failure(start({ env: { DYNOXIDE_BIN: path } }));
		expect([error.code, error.message.replace(EAST, WEST)]).toEqual([
			"startup.engine-failed",
			`the engine of ${WEST} did not come up: cannot open the database`,
		]);
		expect(readdirSync(join(directory.path, "pids"))).toEqual(["cloud.pid"]);
	});

	test("a damaged engine file", async () => {
		await (await start()).stop();
		writeFileSync(
			join(directory.path, "engines", `${WEST}.sqlite`),
			"this is not a database, and long enough to be read as one ".repeat(100),
		);
		const error = await failure(start());
		expect(error.code).toBe("startup.engine-failed");
		expect(error.message).toContain(`${WEST}.sqlite`);
	});
});

describe("an endpoint that somebody else runs", () => {
	test("is refused when it shows one region's tables in another, and taken when it keeps them apart", async () => {
		const clock = new WallClock(() => {});
		const inner = await start({ dataDir: join(directory.path, "inner") });
		const env = { DYNAMODB_ENDPOINT: inner.endpointOf(EAST) };
		const shared = await failure(start({ dataDir: join(directory.path, "outer"), env }));
		expect(shared.code).toBe("startup.engine-shared");
		const services = [dynamodbService({ engines: inner, regions: [EAST, WEST], stage: STAGE })];
		const network = new VirtualNetwork(clock, () => 0);
		const gateway = await startGateway({ clock, network, callers: new Callers(), services, log: () => {} });
		const outer = await start({ dataDir: join(directory.path, "outer"), stage: "other", env: { ...env, DYNAMODB_ENDPOINT: gateway.url } });
		expect(outer.endpointOf(WEST)).toBe(gateway.url);
		const { TableNames } = await outer.client.json<{ TableNames: string[] }>(WEST, "DynamoDB_20120810.ListTables", {});
		expect(TableNames).toContain(tableName("other", TableName.Data));
		expect(() => outer.kill(EAST)).toThrowError(/not run by this cloud/);
		await outer.stop();
		await gateway.stop();
		expect(existsSync(join(directory.path, "outer", "engines", `${EAST}.sqlite`))).toBe(false);
	});
});
