import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RawStartOptions } from "#cli/start-options.ts";
import { reportSchema } from "#local/workload/report.ts";
import { loadArtefact } from "#predictor/serving/load-model.ts";

const SCRIPT = "test/unit/cli/fake-start.ts";
let folder: string;
let children: ChildProcess[];

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "heliotrope-start-"));
	children = [];
});

afterEach(() => {
	for (const child of children) child.kill("SIGKILL");
	rmSync(folder, { recursive: true, force: true });
});

interface Ended {
	readonly code: number | null;
	readonly text: string;
}

function run(flags: RawStartOptions, onText?: (text: string, child: ChildProcess) => void, endlessMoves = 0): Promise<Ended> {
	const args = [JSON.stringify({ port: "0", headless: true, ...flags }), join(folder, "items.json"), String(endlessMoves)];
	const child = spawn(process.execPath, [SCRIPT, ...args], { env: { ...process.env, TMPDIR: folder } });
	children.push(child);
	let text = "";
	const hear = (chunk: Buffer): void => {
		text += chunk.toString();
		onText?.(text, child);
	};
	child.stdout?.on("data", hear);
	child.stderr?.on("data", hear);
	return new Promise((resolve) => child.on("exit", (code) => resolve({ code, text })));
}

function writeLog(rows: number): string {
	const file = join(folder, "log.csv");
	const lines = Array.from({ length: rows }, (_, index) => `${1_672_531_200 + index * 60},p${index % 7},${index % 2 === 0 ? "IE" : "US"}`);
	writeFileSync(file, `ts,partition,country\n${lines.join("\n")}\nnever,p,IE\n`);
	return file;
}

const readReport = (file: string) => reportSchema.parse(JSON.parse(readFileSync(file, "utf8")));

/** What runs of the real cloud do not show: `test/e2e/main-job`. */
describe("start over a fake edge", () => {
	it("lays the model that was named where the endpoint begins", async () => {
		const data = join(folder, "data");
		expect((await run({ trace: writeLog(20), once: true, data, model: "persistence" })).code).toBe(0);
		expect(loadArtefact(join(data, "model")).parameters.model).toBe("persistence");
	});

	it("fails where a move does not come to an end", async () => {
		const report = join(folder, "out.json");
		const { code, text } = await run({ trace: writeLog(20), once: true, report }, undefined, 1);
		expect(text).toContain("1 move did not come to an end");
		expect(code).toBe(1);
		expect(readReport(report)).toMatchObject({ requests: 20, lostWrites: 0, settled: false });
	});

	it("refuses a data directory that holds another run", async () => {
		const flags = { trace: writeLog(20), once: true, data: join(folder, "data") };
		expect((await run(flags)).code).toBe(0);
		const other = await run({ ...flags, seed: "2" });
		expect([other.code, other.text]).toEqual([2, expect.stringContaining("holds a run with seed 1, not 2")]);
	});

	it("takes a signal that comes twice at once for one, as Ctrl-C does under npm", async () => {
		const echoes = ["is up", "stopping", "before the end of the workload"];
		const cut = await run({ trace: writeLog(500), speed: "10", once: true }, (text, child) => {
			while (echoes[0] !== undefined && text.includes(echoes[0])) {
				echoes.shift();
				child.kill("SIGINT");
				for (const ms of [1, 2, 4, 8, 16, 32]) setTimeout(() => child.kill("SIGINT"), ms);
			}
		});
		expect(cut.code).toBe(130);
		expect(cut.text).toContain("before the end of the workload");
	});

	it("reports an endless world that was stopped, where asked to", async () => {
		const report = join(folder, "out.json");
		const { code } = await run({ report, speed: "10000000" }, (text, child) => {
			if (text.includes("is up") && !text.includes("stopping")) setTimeout(() => child.kill("SIGINT"), 500);
		});
		expect(code).toBe(0);
		expect(readReport(report)).toMatchObject({ errors: 0, lostWrites: 0 });
	});
});
