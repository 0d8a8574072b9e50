import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

/** A segment document, as far as it is looked at. @see https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html */
interface Subsegment {
	readonly id: string;
	readonly name: string;
	readonly trace_id?: string;
	readonly parent_id?: string;
	readonly fault?: boolean;
	readonly annotations?: Readonly<Record<string, unknown>>;
	readonly namespace?: string;
	readonly http?: { readonly response?: { readonly status?: number } };
}

/** What the X-Ray daemon does: it takes UDP packets, each a header line and a document. */
const daemon = createSocket("udp4");
const packets: string[] = [];
/** What DynamoDB answers to a read of nothing. */
const table = createServer((_, response) => response.writeHead(200, { "content-type": "application/x-amz-json-1.0" }).end("{}"));

beforeAll(async () => {
	daemon.on("message", (packet) => packets.push(packet.toString()));
	daemon.bind(0, "127.0.0.1");
	table.listen(0, "127.0.0.1");
	await Promise.all([once(daemon, "listening"), once(table, "listening")]);
});
afterAll(() => {
	daemon.close();
	table.closeAllConnections();
	table.close();
});

const TRACE = "1-65a1b2c3-0123456789abcdef01234567";
const PARENT = "0123456789abcdef";

test("a function of the stack sends a segment an invocation, with its calls below it and nothing of what it answers", async () => {
	const child = spawn(process.execPath, [path.join(import.meta.dirname, "traced-function.ts")], {
		stdio: ["ignore", "ignore", "inherit"],
		env: {
			AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.address().port}`,
			AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
			AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
			LAMBDA_TASK_ROOT: "/var/task",
			_HANDLER: "index.handler",
			_X_AMZN_TRACE_ID: `Root=${TRACE};Parent=${PARENT};Sampled=1`,
			AWS_ENDPOINT_URL: `http://127.0.0.1:${(table.address() as AddressInfo).port}`,
			AWS_ACCESS_KEY_ID: "test",
			AWS_SECRET_ACCESS_KEY: "test",
		},
	});
	expect(await once(child, "exit")).toEqual([0, null]);
	const documents = packets.map((packet) => JSON.parse(packet.slice(packet.indexOf("\n") + 1)) as Subsegment);
	const handlers = documents.filter(({ name }) => name === "## index.handler");
	expect(handlers).toMatchObject([
		{ trace_id: TRACE, parent_id: PARENT, annotations: { ColdStart: true, Service: "reader" } },
		{ trace_id: TRACE, annotations: { ColdStart: false }, fault: true },
	]);
	const calls = handlers.map(({ id }) => documents.filter(({ parent_id }) => parent_id === id));
	const call = expect.objectContaining({
		namespace: "remote",
		name: "127.0.0.1",
		http: expect.objectContaining({ response: { status: 200 } }),
	});
	expect(calls).toEqual([[call], [call]]);
	expect(packets.join()).not.toContain("what a client has stored");
});
