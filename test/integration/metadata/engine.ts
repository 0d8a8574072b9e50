import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { KEY } from "#infra/description/tables.ts";

export interface Engine {
	readonly url: string;
	client(): DynamoDBClient;
	stop(): Promise<void>;
}

/** An in-memory engine process with one empty table of the common key schema. */
export async function startEngine(tableName: string): Promise<Engine> {
	const port = await freePort();
	const binary =
		process.env.DYNOXIDE_BIN ?? join(dirname(createRequire(import.meta.url).resolve("@dynoxide/linux-x64/package.json")), "dynoxide");
	const child = spawn(binary, ["serve", "--port", String(port)], { stdio: "ignore" });
	const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
	const client = () =>
		new DynamoDBClient({
			region: "local-1",
			endpoint: `http://127.0.0.1:${port}`,
			credentials: { accessKeyId: "test", secretAccessKey: "test" },
			retryMode: "standard",
			maxAttempts: 2,
		});
	const admin = client();
	await ready(admin);
	await admin.send(
		new CreateTableCommand({
			TableName: tableName,
			BillingMode: "PAY_PER_REQUEST",
			KeySchema: [
				{ AttributeName: KEY.partitionKey, KeyType: "HASH" },
				{ AttributeName: KEY.sortKey, KeyType: "RANGE" },
			],
			AttributeDefinitions: [KEY.partitionKey, KEY.sortKey].map((AttributeName) => ({ AttributeName, AttributeType: "S" as const })),
		}),
	);
	return {
		url: `http://127.0.0.1:${port}`,
		client,
		stop: async () => {
			admin.destroy();
			child.kill("SIGKILL");
			await exited;
		},
	};
}

async function ready(client: DynamoDBClient): Promise<void> {
	for (let attempt = 0; attempt < 100; attempt += 1) {
		try {
			await client.send(new ListTablesCommand({}));
			return;
		} catch {
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
	}
	throw new Error("the engine did not answer");
}

const freePort = (): Promise<number> =>
	new Promise((resolve, reject) => {
		const server = createServer();
		server.once("error", reject);
		server.listen(0, "127.0.0.1", () => {
			const address = server.address();
			server.close(() => (address !== null && typeof address === "object" ? resolve(address.port) : reject(new Error("no port"))));
		});
	});
