import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runConformance } from "#conformance/run-conformance.ts";
import { createNotes } from "#examples/notes/handler.ts";
import type { GuardedContext } from "#guard/index.ts";
import { createDataPlane } from "#lambdas/serve-data/data-plane.ts";
import { engineAvailable } from "#test/__helpers__/engine.ts";
import { serveHandler } from "#test/__helpers__/serve-handler.ts";
import { NotesWorld } from "#test/integration/guard/notes-world.ts";
import { A, B } from "#test/simulation/migration/migration-world.ts";

const broken = (findings: Awaited<ReturnType<typeof runConformance>>) => findings.filter(({ problem }) => problem !== undefined);

describe.skipIf(!engineAvailable)("the data API keeps its promises", () => {
	let world: NotesWorld;
	beforeAll(async () => {
		world = await NotesWorld.start();
	});
	afterAll(() => world?.stop());

	it("in a region that leads", async () => {
		const { url, stop } = await serveHandler(createDataPlane(world.depsOf(A)));
		try {
			const findings = await runConformance({ baseUrl: new URL(url), partition: "shared" });
			expect(broken(findings)).toEqual([]);
			expect(findings.length).toBeGreaterThan(15);
		} finally {
			await stop();
		}
	});

	it("in the example application, for a partition that another region leads", async () => {
		const notes = createNotes({ deps: world.depsOf(B) });
		const { url, stop } = await serveHandler((event, context) => notes(event, context as GuardedContext));
		try {
			expect(broken(await runConformance({ baseUrl: new URL(url), partition: "shared" }))).toEqual([]);
		} finally {
			await stop();
		}
	});
});

describe("the conformance suite", () => {
	it("finds promises that are not kept", async () => {
		const { url, stop } = await serveHandler(() =>
			Promise.resolve({ statusCode: 200, headers: { "x-heliotrope-request-id": "r", "content-type": "application/json" }, body: "{}" }),
		);
		try {
			const findings = await runConformance({ baseUrl: new URL(url) });
			expect(broken(findings)).toHaveLength(findings.length);
		} finally {
			await stop();
		}
	});

	it.each([
		[["http://127.0.0.1:9"], "nobody answers at http://127.0.0.1:9"],
		[[], "usage: "],
		[["nonsense"], "usage: "],
		[["http://127.0.0.1:9", "--tokn", "x"], "usage: "],
	])("exits with 2 and one line for %j", async (args, line) => {
		const main = new URL("../../../conformance/main.ts", import.meta.url).pathname;
		const failure = await promisify(execFile)(process.execPath, [main, ...args]).then(
			() => undefined,
			(error: { code: number; stderr: string }) => error,
		);
		expect(failure?.code).toBe(2);
		expect(failure?.stderr).toContain(line);
		expect(failure?.stderr.trimEnd().split("\n")).toHaveLength(1);
	});
});
