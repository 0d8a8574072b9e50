import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KEY } from "#infra/description/tables.ts";

const BINARY = process.env["DYNOXIDE_BIN"] ?? path.resolve(import.meta.dirname, "../../node_modules/@dynoxide/linux-x64/dynoxide");

/** Whether the real engine can run here; suites that need it skip themselves otherwise. */
export const engineAvailable = existsSync(BINARY);

/** One engine process over a temporary file. */
export interface TestEngine {
	readonly endpoint: string;
	/** One attempt a call, as the stores want it. */
	client(): DynamoDBClient;
	createTable(tableName: string): Promise<void>;
	stop(): Promise<void>;
}

/** Runs the engine until standard input ends, which it does however this process ends: no engine outlives a killed test run. */
const UNTIL_INPUT_ENDS = '"$@" </dev/null & engine=$!; cat >/dev/null; kill -9 $engine; wait $engine';

/** Starts an engine on a free port and waits until it answers. */
export async function startEngine(): Promise<TestEngine> {
	const folder = await mkdtemp(path.join(tmpdir(), "heliotrope-engine-"));
	const port = await freePort();
	const command = [BINARY, "serve", "--port", String(port), "--db-path", path.join(folder, "data.db")];
	const child = spawn("sh", ["-c", UNTIL_INPUT_ENDS, "engine", ...command], { stdio: ["pipe", "ignore", "ignore"] });
	await answering(child, port);
	const endpoint = `http://127.0.0.1:${port}`;
	const clients: DynamoDBClient[] = [];
	const client = (): DynamoDBClient => {
		const made = new DynamoDBClient({
			region: "eu-west-1",
			endpoint,
			maxAttempts: 1,
			credentials: { accessKeyId: "test", secretAccessKey: "test" },
		});
		clients.push(made);
		return made;
	};
	return {
		endpoint,
		client,
		createTable: (tableName) => createTable(client(), tableName),
		stop: async () => {
			for (const made of clients) made.destroy();
			child.stdin?.end();
			if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
			await rm(folder, { recursive: true, force: true });
		},
	};
}

async function createTable(client: DynamoDBClient, tableName: string): Promise<void> {
	await client.send(
		new CreateTableCommand({
			TableName: tableName,
			BillingMode: "PAY_PER_REQUEST",
			AttributeDefinitions: [KEY.partitionKey, KEY.sortKey].map((name) => ({ AttributeName: name, AttributeType: "S" as const })),
			KeySchema: [
				{ AttributeName: KEY.partitionKey, KeyType: "HASH" },
				{ AttributeName: KEY.sortKey, KeyType: "RANGE" },
			],
			StreamSpecification: { StreamEnabled: true, StreamViewType: "KEYS_ONLY" },
		}),
	);
}

async function freePort(): Promise<number> {
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const address = server.address();
	server.close();
	await once(server, "close");
	if (address === null || typeof address === "string") throw new Error("no port");
	return address.port;
}

async function answering(child: ChildProcess, port: number): Promise<void> {
	for (let attempt = 0; attempt < 800; attempt++) {
		if (await reachable(port)) return;
		await pause(25);
	}
	child.stdin?.end();
	throw new Error("the engine did not answer in time");
}

function reachable(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect(port, "127.0.0.1");
		socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
		socket.once("connect", () => socket.destroy());
	});
}
