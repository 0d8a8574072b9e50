import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { replay } from "#cli/replay/replay.ts";
import { parseReplayOptions } from "#cli/replay/replay-options.ts";
import { seededRandom } from "#domain/shared/seeded-random.ts";
import { BUILT_IN } from "#predictor/models/artefact.ts";
import type { ReplayResult } from "#replay/result/replay-result.ts";
import { logFiles } from "#test/unit/replay/readers/log-files.ts";
import { asCsv, asJsonLines, asParquet, asW3c, TEMPLATE, type WrittenAccess } from "#test/unit/replay/readers/written-logs.ts";

const { logFile, logFolder } = logFiles();

const DAY_MS = 86_400_000;
const START = Date.UTC(2024, 0);

/** Tenants that work by day in Germany and by night in Japan, and some that never move. */
function accesses(days: number): WrittenAccess[] {
	const random = seededRandom(7);
	return Array.from({ length: days * 40 }, (_, index) => {
		const tsMs = START + Math.floor((index / 40) * DAY_MS);
		const tenant = Math.floor(random() * 12);
		const isDay = new Date(tsMs).getUTCHours() >= 8 && new Date(tsMs).getUTCHours() < 20;
		return { tsMs, partition: `tenant-${tenant}`, country: tenant < 3 ? "US" : isDay ? "DE" : "JP", op: "read", bytes: 100 } as const;
	});
}

async function run(trace: string, flags: Readonly<Record<string, string>> = {}) {
	const texts = { out: "", tell: "" };
	const into = (name: keyof typeof texts) => ({
		write: (part: string | Uint8Array) => {
			texts[name] += part;
			return true;
		},
	});
	const code = await replay(parseReplayOptions({ trace: [trace], regions: "us-east-1,eu-central-1,ap-northeast-1", ...flags }), {
		out: into("out"),
		tell: into("tell"),
	});
	return { code, ...texts };
}

describe("replay, through its thread", () => {
	const json = join(logFolder({}), "out.json");

	it("gives the same result for the same accesses in every format", async () => {
		const log = accesses(40);
		const results: ReplayResult[] = [];
		const folder = logFolder({ "a/1.log": asW3c(log.slice(0, 900)), "b/2.log": asW3c(log.slice(900)) });
		for (const trace of [logFile(asCsv(log)), folder, logFile(asJsonLines(log)), logFile(asParquet(log))]) {
			expect((await run(trace, { json, partitionFrom: TEMPLATE, policy: "static-region,reactive,oracle" })).code).toBe(0);
			results.push(JSON.parse(readFileSync(json, "utf8")));
		}
		const [first, ...others] = results.map((result) => ({ ...result, trace: "" }));
		for (const other of others) expect(other).toEqual(first);
		expect(Object.keys(first?.policies ?? {})).toEqual(["static-region", "reactive", "oracle"]);
		expect(first?.rows).toBe(log.length);
	});

	it("plays a model that is ready, and says where it knows what is scored", async () => {
		const trained = { from: "2024-01-01T00:00:00.000Z", to: "2024-02-01T00:00:00.000Z", accesses: 1, partitions: 1, windows: {} };
		const model = logFolder({ "model.json": JSON.stringify({ ...BUILT_IN, name: "mine", trained }) });
		const { code, out, tell } = await run(logFile(asCsv(accesses(40))), { json, model });
		expect(code).toBe(0);
		expect(out.replaceAll(/\s+/g, " ")).toContain(", model mine");
		expect(tell).toMatch(/warning: the model "mine" learnt from accesses until 2024-02-01, after 2024-01-2\d: /);
		const { settings, policies }: ReplayResult = JSON.parse(readFileSync(json, "utf8"));
		expect(settings.model).toEqual({ name: "mine", trained: { from: trained.from, to: trained.to } });
		expect(policies.predictive?.description).toMatch(/by the model mine$/);
	});

	it.each([
		["a missing file", "/nowhere/log.csv", /there is no such file/],
		["a short log", logFile(asCsv(accesses(3))), /120 accesses of 3\.0 days/],
		["a log of one region", logFile(asCsv(accesses(30).map((access) => ({ ...access, country: "DE" })))), /one region/],
		[
			"a log of the future",
			logFile(asCsv(accesses(30).map((access) => ({ ...access, tsMs: access.tsMs + 20_000 * DAY_MS })))),
			/rows of the future.*--to/,
		],
		[
			"a log of nowhere",
			logFile(asCsv(accesses(30).map((access) => ({ ...access, country: "ZZ" })))),
			/no usable row: all 1200 were skipped \(unknown-country 1200\)/,
		],
	])("%s: says what is wrong with it in one line", async (_, trace, message) => {
		const { code, out, tell } = await run(trace);
		expect([code, out]).toEqual([2, ""]);
		expect(tell).toMatch(message);
		expect(tell).toMatch(/^heliotrope: [^\n]*\n$/);
	});

	it("warns of what is missing in the middle, and goes on", async () => {
		const log = accesses(60).filter(({ tsMs }) => tsMs < START + 20 * DAY_MS || tsMs > START + 35 * DAY_MS);
		const { code, tell } = await run(logFile(asCsv(log)), { policy: "static-region" });
		expect(code).toBe(0);
		expect(tell).toMatch(/warning: no access for 15\.\d days, from 2024-01-20/);
	});
});
