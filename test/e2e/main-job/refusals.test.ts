import { readdirSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { engineAvailable } from "#test/__helpers__/engine.ts";
import { Fixture, LIMIT } from "#test/e2e/main-job/fixture.ts";
import type { HeliotropeProcess } from "#test/e2e/main-job/heliotrope-process.ts";
import { officeLog } from "#test/e2e/main-job/office-log.ts";

/** The one line on stderr with which a command that cannot be carried out ends. */
async function refusalOf(run: HeliotropeProcess): Promise<string> {
	const exit = await run.exited;
	const lines = run.stderr.trimEnd().split("\n");
	expect([exit, lines.length, run.stdout], run.stderr.slice(0, 2000)).toEqual([{ code: 2, signal: null }, 1, ""]);
	expect(await run.left()).toEqual([]);
	const [line = ""] = lines;
	expect(line).toMatch(/^heliotrope: /);
	return line;
}

describe.skipIf(!engineAvailable)("what cannot be started is refused in one line", LIMIT, () => {
	const fixture = new Fixture();
	const usable = officeLog().csv;
	let cloud: HeliotropeProcess;
	let url: string;

	beforeAll(async () => {
		writeFileSync(fixture.path("log.csv"), usable);
		cloud = fixture.start(["--idle", "--data", fixture.path("in-use")]);
		url = await cloud.up();
	});
	afterAll(() => fixture.dispose());

	const play = (...more: string[]): HeliotropeProcess => fixture.start(["--trace", fixture.path("log.csv"), "--once", ...more]);

	test("a data directory in use, by the cloud that goes on", async () => {
		expect(await refusalOf(play("--data", fixture.path("in-use")))).toContain(`is in use by a running local cloud (process ${cloud.pid})`);
		expect((await fetch(`${url}/healthz`)).status).toBe(200);
	});

	test("a taken port", async () => {
		const { port } = new URL(url);
		expect(await refusalOf(play("--port", port))).toContain(`port ${port} is taken`);
	});

	test("an engine that is not there", async () => {
		const missing = fixture.path("no-such-engine");
		const run = fixture.start(["--idle"], { DYNOXIDE_BIN: missing });
		expect(await refusalOf(run)).toContain(`DYNOXIDE_BIN names ${missing}`);
	});

	test("a data directory that cannot be written", async () => {
		const below = fixture.path("log.csv/data");
		expect(await refusalOf(play("--data", below))).toContain(`the data directory ${below} cannot be written (ENOTDIR)`);
	});

	const damaged = Buffer.from(gzipSync(usable)).fill(0x55, 200, 260);
	const malformed: readonly (readonly [string, string | Buffer, string])[] = [
		["without a header", usable.split("\n").slice(1).join("\n"), "needs columns ts, partition and a geography"],
		["that is empty", "", "the file is empty"],
		["of blank lines", "\n\n\n", "needs columns ts, partition and a geography"],
		["with a header alone", "ts,partition,country\n", "holds no row"],
		["with no usable row", "ts,partition,country\nnever,acme,JP\n2024-01-01,acme,QQ\n", "bad-time 1"],
		[
			"of binary garbage",
			Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7919) % 256)),
			"is neither UTF-8 text nor Parquet",
		],
		["in a damaged gzip file", damaged, "gzip file is damaged"],
		["of one line of 50 MB", Buffer.alloc(50 * 1024 * 1024, "x"), "line longer than 1 MiB"],
	];

	test.each(malformed)("a log %s", async (name, content, problem) => {
		const file = fixture.path(`${name.replaceAll(" ", "-")}.csv`);
		writeFileSync(file, content);
		const line = await refusalOf(fixture.start(["--trace", file, "--once", "--report", fixture.path("out.json")]));
		expect(line).toContain(`${file}: `);
		expect(line).toContain(problem);
	});

	test("a log that is not there, and a flag that means nothing", async () => {
		expect(await refusalOf(fixture.start(["--trace", fixture.path("none.csv")]))).toContain("there is no such file");
		expect(await refusalOf(fixture.start(["--speed", "fast"]))).toContain("--speed takes a number");
	});

	test("nothing of all this stays in the temporary folder", () => {
		expect(readdirSync(fixture.folder).filter((name) => name.startsWith("heliotrope-"))).toEqual([]);
	});
});
