import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const time = new SharedArrayBuffer(8);
const now = new Float64Array(time);
let server: Server;
let worker: Worker | undefined;
/** Requests that wait for an answer. */
let asked: ServerResponse[];
let told: string[];

beforeEach(async () => {
	now[0] = 1000;
	asked = [];
	told = [];
	server = createServer((_, response) => void asked.push(response));
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterEach(async () => {
	await worker?.terminate();
	server.closeAllConnections();
	server.close();
});

function start(asks: boolean): void {
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
	worker = new Worker(new URL("./patient-worker.ts", import.meta.url), { workerData: { time, url, asks } });
	worker.on("message", (what: string) => told.push(what));
}

async function until(holds: () => boolean): Promise<void> {
	while (!holds()) await pause(5);
}

describe("timeouts of a sandbox in virtual time", () => {
	it("wait for an answer that is slow on this machine only", async () => {
		start(true);
		await until(() => asked.length === 1);
		// Many times the timeout.
		await pause(300);
		expect(told).toEqual([]);
		asked[0]?.end("late");
		await until(() => told.includes("answer"));
		expect(told).not.toContain("timeout");
	});

	it("come when virtual time has passed", async () => {
		start(true);
		await until(() => asked.length === 1);
		now[0] = 1030;
		await until(() => told.includes("timeout") && told.includes("aborted"));
		expect(told).not.toContain("answer");
	});

	it("come by the machine's time where nothing is under way", async () => {
		start(false);
		await until(() => told.includes("timeout") && told.includes("aborted"));
	});
});
