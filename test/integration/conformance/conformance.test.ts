import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { runConformance } from "#conformance/run-conformance.ts";
import { createRequestSigner, functionUrlRegion } from "#conformance/sign-requests.ts";
import { createNotes } from "#examples/notes/handler.ts";
import type { GuardedContext } from "#guard/index.ts";
import { createDataPlane } from "#lambdas/serve-data/data-plane.ts";
import { engineAvailable } from "#test/__helpers__/engine.ts";
import { serveHandler } from "#test/__helpers__/serve-handler.ts";
import { NotesWorld } from "#test/integration/guard/notes-world.ts";
import { A, B } from "#test/simulation/migration/migration-world.ts";

const CALLER = { accessKeyId: "ASIAEXAMPLE", secretAccessKey: "s".repeat(40), sessionToken: "a session" };

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

	it("in a region behind IAM, which takes signed requests only", async () => {
		vi.stubEnv("AWS_ACCESS_KEY_ID", CALLER.accessKeyId);
		vi.stubEnv("AWS_SECRET_ACCESS_KEY", CALLER.secretAccessKey);
		vi.stubEnv("AWS_SESSION_TOKEN", CALLER.sessionToken);
		const tokens = new Set<string | undefined>();
		const serve = createDataPlane(world.depsOf(A));
		const { url, stop } = await serveHandler(
			async (event) => {
				tokens.add(event.headers["x-heliotrope-authorization"]);
				return serve(event);
			},
			{ region: A, caller: CALLER },
		);
		try {
			const baseUrl = new URL(url);
			const sign = createRequestSigner(A);
			expect(broken(await runConformance({ baseUrl, partition: "shared", token: "its-own", sign }))).toEqual([]);
			expect(tokens).toEqual(new Set(["Bearer its-own"]));
			const unsigned = await runConformance({ baseUrl, partition: "shared" });
			expect(broken(unsigned)).toHaveLength(unsigned.length);
			const elsewhere = await runConformance({ baseUrl, partition: "shared", sign: createRequestSigner(B) });
			expect(broken(elsewhere)).toHaveLength(elsewhere.length);
		} finally {
			vi.unstubAllEnvs();
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
	it("knows the URLs that take signed requests only, and their regions", () => {
		expect(functionUrlRegion(new URL("https://abc123.lambda-url.eu-west-1.on.aws/"))).toBe("eu-west-1");
		for (const other of ["http://127.0.0.1:4600", "https://d111.cloudfront.net", "https://x.lambda-url.eu-west-1.on.aws.example.com"])
			expect(functionUrlRegion(new URL(other))).toBeUndefined();
	});

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
		[["http://127.0.0.1:9", "--sign", "mars"], "--sign takes a region"],
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
