import { EventEmitter } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ProgressLine } from "#cli/replay/progress-line.ts";
import { replay } from "#cli/replay/replay.ts";
import { parseReplayOptions } from "#cli/replay/replay-options.ts";
import type { ThreadMessage } from "#cli/thread/thread-message.ts";
import type { ReplayResult } from "#replay/result/replay-result.ts";
import { sampleResult } from "#test/unit/replay/report/sample.ts";

const folder = mkdtempSync(join(tmpdir(), "heliotrope-replay-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

class Text {
	text = "";
	readonly isTTY: boolean;
	constructor(isTTY = false) {
		this.isTTY = isTTY;
	}
	write(part: string | Uint8Array): boolean {
		this.text += part;
		return true;
	}
}

/** Runs the command with a thread that says these things; what came out. */
async function run(messages: readonly ThreadMessage<ReplayResult>[], act: (thread: EventEmitter) => void = () => undefined) {
	const files = { json: join(folder, "out.json"), html: join(folder, "out.html") };
	for (const file of Object.values(files)) rmSync(file, { force: true });
	const thread = Object.assign(new EventEmitter(), { terminate: async () => 0 });
	const [out, tell] = [new Text(), new Text()];
	const done = replay(parseReplayOptions({ trace: ["a.csv"], ...files }), { out, tell }, () => {
		queueMicrotask(() => {
			for (const message of messages) thread.emit("message", message);
			act(thread);
		});
		return thread;
	});
	return { code: await done, out: out.text, tell: tell.text, files };
}

describe("replay", () => {
	it("shows the result and writes it as JSON and as a page", async () => {
		const result = sampleResult();
		const { code, out, tell, files } = await run([
			{ kind: "warning", text: "no access for 9 days" },
			{ kind: "result", result },
		]);
		expect(code).toBe(0);
		expect(out.replaceAll(/\s+/g, " ")).toContain(result.verdict);
		expect(tell).toBe("warning: no access for 9 days\n");
		expect(JSON.parse(readFileSync(files.json, "utf8"))).toEqual(JSON.parse(JSON.stringify(result)));
		expect(readFileSync(files.html, "utf8")).toMatch(/^<!doctype html>/);
	});

	it.each([
		[{ kind: "failure", explained: true, message: "a.csv: there is no such file" }, 2, "heliotrope: a.csv: there is no such file\n"],
		[{ kind: "failure", explained: false, message: "boom" }, 1, "heliotrope: something unexpected happened: boom\n"],
	] as const)("tells what is wrong in one line and writes nothing", async (message, expected, line) => {
		const { code, out, tell, files } = await run([message]);
		expect([code, tell, out, existsSync(files.json), existsSync(files.html)]).toEqual([expected, line, "", false, false]);
	});

	it("notices a thread that dies without a word", async () => {
		const { code, tell } = await run([], (thread) => thread.emit("exit", 137));
		expect([code, tell]).toEqual([1, "heliotrope: something unexpected happened: the replay ended with code 137 and said nothing\n"]);
	});

	it("stops at a signal, with its code and nothing written", async () => {
		const { code, tell, files } = await run([], () => process.emit("SIGINT"));
		expect(code).toBe(130);
		expect(tell).toMatch(/stopped; nothing was written\n$/);
		expect(existsSync(files.json)).toBe(false);
	});
});

describe("the line of progress", () => {
	it("is a line every five seconds where there is no terminal", () => {
		let nowMs = 0;
		const out = new Text();
		const progress = new ProgressLine(out, () => nowMs);
		for (; nowMs <= 11_000; nowMs += 100) progress.show("training", nowMs / 11_000);
		expect(out.text).toBe("training 45 %, 5 s\ntraining 91 %, 10 s\n");
	});

	it("goes on in a long phase that says nothing", () => {
		let nowMs = 0;
		const out = new Text(true);
		const progress = new ProgressLine(out, () => nowMs);
		progress.tick();
		progress.show("oracle");
		for (nowMs = 1_000; nowMs <= 2_000; nowMs += 1_000) progress.tick();
		expect(out.text).toBe("\r\u001b[Koracle, 0 s\r\u001b[Koracle, 1 s\r\u001b[Koracle, 2 s");
	});

	it("is drawn over itself on a terminal and taken away for what is said", () => {
		let nowMs = 0;
		const out = new Text(true);
		const progress = new ProgressLine(out, () => nowMs);
		progress.show("training", 0.5);
		nowMs = 50;
		progress.show("training", 0.6);
		progress.say("warning: x");
		progress.clear();
		expect(out.text).toBe(`\r\u001b[K${"█".repeat(12)}${"░".repeat(12)} training 50 %, 0 s\r\u001b[Kwarning: x\n`);
	});
});
