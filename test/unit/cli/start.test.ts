import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RawStartOptions } from "#cli/start-options.ts";
import { reportSchema } from "#local/workload/report.ts";

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

describe("start", () => {
	it("plays a log to its end, reports, and leaves nothing behind", async () => {
		const report = join(folder, "out.json");
		const { code, text } = await run({ trace: writeLog(300), once: true, report });
		expect(text).toContain("no write was lost");
		expect(code).toBe(0);
		expect(readReport(report)).toMatchObject({ rows: 300, requests: 300, errors: 0, lostWrites: 0, rowsSkipped: { "bad-time": 1 } });
		expect(existsSync(`${report}.tmp`)).toBe(false);
	});

	it("fails where a move does not come to an end", async () => {
		const report = join(folder, "out.json");
		const { code, text } = await run({ trace: writeLog(20), once: true, report }, undefined, 1);
		expect(text).toContain("1 move did not come to an end");
		expect(code).toBe(1);
		expect(readReport(report)).toMatchObject({ requests: 20, lostWrites: 0, settled: false });
	});

	it("resumes after SIGKILL and loses nothing", async () => {
		const report = join(folder, "out.json");
		const flags = { trace: writeLog(700), once: true, report, data: join(folder, "data") };
		let killed = false;
		const first = await run(flags, (text, child) => {
			if (killed || !text.includes("is up")) return;
			killed = true;
			setTimeout(() => child.kill("SIGKILL"), 200);
		});
		expect(first.code).toBeNull();
		expect(existsSync(report)).toBe(false);
		const second = await run(flags);
		expect(second.text).toContain("no write was lost");
		expect(second.code).toBe(0);
		expect(readReport(report)).toMatchObject({ rows: 700, requests: 700, errors: 0, lostWrites: 0 });
		const other = await run({ ...flags, seed: "2" });
		expect([other.code, other.text]).toEqual([2, expect.stringContaining("holds a run with seed 1, not 2")]);
	});

	it.each(["SIGINT", "SIGTERM"] as const)("ends cleanly on %s", async (signal) => {
		const stopOnce = (text: string, child: ChildProcess): void => {
			if (text.includes("is up") && !text.includes("stopping")) child.kill(signal);
		};
		expect((await run({ speed: "1440" }, stopOnce)).code).toBe(0);
		const cut = await run({ trace: writeLog(500), speed: "10", once: true }, stopOnce);
		expect(cut.code).toBe(signal === "SIGINT" ? 130 : 143);
		expect(cut.text).toContain("before the end of the workload");
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

	it("says in one line what is wrong with a log", async () => {
		const file = join(folder, "bad.csv");
		writeFileSync(file, "no,header\n");
		const { code, text } = await run({ trace: file, once: true });
		expect(code).toBe(2);
		expect(text.trimEnd()).toMatch(/^heliotrope: .*bad.csv: needs columns ts/);
		expect(text.trimEnd()).not.toContain("\n");
	});
});
