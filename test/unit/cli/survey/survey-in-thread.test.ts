import { EventEmitter } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { parquetMetadata } from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, describe, expect, it } from "vitest";
import type { NamedLog } from "#cli/access-log-of.ts";
import { type FoundInLog, startThread, surveyInThread } from "#cli/survey/survey-in-thread.ts";
import { ExplainedFailure } from "#cli/thread/explained-failure.ts";
import type { ThreadMessage } from "#cli/thread/thread-message.ts";
import { regionId } from "#domain/geography/region-id.ts";
import { LogError } from "#replay/readers/log-error.ts";
import { asPlainParquet, type WrittenAccess } from "#test/unit/replay/readers/written-logs.ts";

const named = (file: string): NamedLog => ({
	file,
	regions: ["eu-west-1", "ap-northeast-1"].map(regionId),
	fromMs: undefined,
	toMs: undefined,
	partitionFrom: undefined,
});
const FOUND: FoundInLog = { rows: 2, firstMs: 1, lastMs: 2, ignored: [], rowsSkipped: {} };
/** Of the page that is damaged below. */
const HEADER_BYTES = 13;
const never = new Promise<void>(() => undefined);

/** A survey by a thread that is played by the test, on timers that fire when the test says so. */
function survey(stopped: Promise<void> = never) {
	const state = { told: [] as string[], terminated: 0, timers: [] as { ms: number; act: () => void }[] };
	const thread = Object.assign(new EventEmitter(), { terminate: async () => (state.terminated += 1) });
	const found = surveyInThread(named("a.parquet"), {
		onProgress: (text) => state.told.push(text),
		stopped,
		start: () => thread,
		after: (ms, act) => {
			const timer = { ms, act };
			state.timers.push(timer);
			return () => void state.timers.splice(state.timers.indexOf(timer), 1);
		},
	});
	return { found, thread, state, say: (message: ThreadMessage<FoundInLog>) => thread.emit("message", message) };
}

describe("the survey of a log", () => {
	it("gives what the thread found, tells how far it is, and leaves neither thread nor timer", async () => {
		const { found, say, state } = survey();
		say({ kind: "progress", phase: "5 usable rows so far", share: undefined });
		say({ kind: "result", result: FOUND });
		expect(await found).toEqual(FOUND);
		expect(state).toEqual({ told: ["5 usable rows so far"], terminated: 1, timers: [] });
	});

	it("fails with what the thread explains, as what the user can put right", async () => {
		const { found, say, state } = survey();
		say({ kind: "failure", explained: true, message: "a.parquet: the file is empty" });
		await expect(found).rejects.toThrow(new ExplainedFailure("a.parquet: the file is empty"));
		expect(state).toMatchObject({ terminated: 1, timers: [] });
	});

	it("fails with what nobody expected, and with a thread that dies without a word", async () => {
		const [broken, dying] = [survey(), survey()];
		broken.say({ kind: "failure", explained: false, message: "boom" });
		dying.thread.emit("exit", 137);
		await expect(broken.found).rejects.not.toBeInstanceOf(ExplainedFailure);
		await expect(dying.found).rejects.toThrow("the survey of the log ended with code 137 and said nothing");
	});

	it("is given up when asked to stop, and ends the thread", async () => {
		const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
		const { found, state } = survey(stopped);
		stop();
		expect(await found).toBeUndefined();
		expect(state).toMatchObject({ terminated: 1, timers: [] });
	});

	it("is given up after a minute without a sign of life, which every one puts off", async () => {
		const { found, say, state } = survey();
		const [first] = state.timers;
		say({ kind: "progress", phase: "0 usable rows so far", share: undefined });
		expect(state.timers.map(({ ms }) => ms)).toEqual([60_000]);
		expect(state.timers).not.toContain(first);
		state.timers[0]?.act();
		await expect(found).rejects.toThrow(LogError);
		await expect(found).rejects.toThrow(/^a\.parquet: reading it has come to nothing for a minute/);
		expect(state).toMatchObject({ terminated: 1, timers: [] });
	});
});

describe("the survey of a Parquet file", () => {
	const folder = mkdtempSync(join(tmpdir(), "heliotrope-survey-"));
	afterAll(() => rmSync(folder, { recursive: true, force: true }));
	const accesses = Array.from({ length: 400 }, (_, index): WrittenAccess => {
		return { tsMs: 1_672_531_200_000 + index * 60_000, partition: `p${index % 7}`, country: "JP", op: "read", bytes: index };
	});
	const whole = asPlainParquet(accesses);
	const written = (name: string, content: Buffer): NamedLog => {
		writeFileSync(join(folder, name), content);
		return named(join(folder, name));
	};
	const options = { onProgress: () => undefined, stopped: never };

	it("counts what is whole, and says what is damaged, in a thread of its own", async () => {
		expect(await surveyInThread(written("whole", whole), options)).toMatchObject({
			rows: 400,
			firstMs: accesses[0]?.tsMs,
			rowsSkipped: {},
		});
		const torn = Buffer.from(whole).fill(0xff, 4, 200);
		await expect(surveyInThread(written("torn", torn), options)).rejects.toThrow(/torn: the Parquet file is damaged or cut off/);
	});

	it("ends a thread that a damaged page keeps busy without an end", async () => {
		const log = written("endless", endlessParquet());
		const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
		const codes: number[] = [];
		const start = (): Worker => startThread(log).on("exit", (code) => codes.push(code));
		const found = surveyInThread(log, { ...options, stopped, start });
		// One that began later and has more to read comes to its end meanwhile
		await surveyInThread(written("whole", whole), options);
		expect(codes).toEqual([]);
		stop();
		expect(await found).toBeUndefined();
		// 0 would be an end of its own
		expect(codes).toEqual([1]);
	});
});

/** A file with a page whose header does not say how long it is compressed: the reader goes on reading from nowhere, for ever. */
function endlessParquet(): Buffer {
	const rows = Array.from({ length: 40 }, (_, index) => index);
	const bytes = parquetWriteBuffer({
		codec: "UNCOMPRESSED",
		columnData: [
			{ name: "ts", data: rows.map((index) => new Date(1_672_531_200_000 + index * 60_000)), type: "TIMESTAMP" },
			{ name: "country", data: rows.map(() => "JP"), type: "STRING" },
			{ name: "partition", data: rows.map((index) => `p${index % 4}`), type: "STRING" },
		],
	});
	const damaged = Buffer.from(bytes);
	const column = parquetMetadata(bytes).row_groups[0]?.columns.at(-1)?.meta_data;
	// The header of the page: 15 04 (a dictionary) 15 SIZE 15 SIZE 4c ...; the fields' numbers are in the upper half of 15 and 4c.
	const page = Number(column?.dictionary_page_offset);
	damaged[page + 3] = 2 * (Number(column?.total_compressed_size) - HEADER_BYTES);
	damaged[page + 4] = 0x25;
	damaged[page + 6] = 0x3c;
	return damaged;
}
