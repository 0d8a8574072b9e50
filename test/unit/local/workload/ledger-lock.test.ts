import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Ledger } from "#local/workload/ledger.ts";

/** Holds an SQLite file for some wall ms, as a backup or a curious reader does. */
const HOLDER = `
	const { parentPort, workerData } = require("node:worker_threads");
	const { DatabaseSync } = require("node:sqlite");
	const db = new DatabaseSync(workerData.file);
	db.exec("BEGIN EXCLUSIVE");
	parentPort.postMessage("held");
	setTimeout(() => db.exec("COMMIT"), workerData.ms);
`;

describe("the ledger beside another reader", () => {
	let folder: string;
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "heliotrope-ledger-"));
	});
	afterEach(() => rmSync(folder, { recursive: true, force: true }));

	const hold = async (ms: number): Promise<Worker> => {
		const worker = new Worker(HOLDER, { eval: true, workerData: { file: join(folder, "workload.sqlite"), ms } });
		await once(worker, "message");
		return worker;
	};

	it("opens and writes once the file is let go", async () => {
		new Ledger(folder).close();
		const first = await hold(200);
		const ledger = new Ledger(folder);
		await once(first, "exit");
		const second = await hold(200);
		ledger.begin(0);
		expect(ledger.openRequests()).toEqual([0]);
		await once(second, "exit");
		ledger.close();
	});
});
