import { expect, it } from "vitest";
import { edgeCodes, locateEdge } from "#domain/geography/edge-locations.ts";
import { REGIONS } from "#domain/geography/regions.ts";
import { parsePartitionRule } from "#replay/readers/rows/partition-rule.ts";
import { surveyLog } from "#replay/readers/survey.ts";
import { locate, logFiles, readAll } from "#test/unit/replay/readers/log-files.ts";

const { logFile, logFolder } = logFiles();

const FIELDS = "date time x-edge-location cs-method cs-uri-stem sc-status c-country cs-bytes sc-bytes";
const w3c = (...rows: string[]): string =>
	["#Version: 1.0", `#Fields: ${FIELDS}`, ...rows.map((row) => row.replaceAll(" ", "\t"))].join("\r\n");
const at = "2024-11-14 22:30:25";

it("reads the fields of a CloudFront log", async () => {
	const { rows } = await readAll(
		logFile(
			w3c(
				`${at} NRT12-C3 GET /v1/partitions/acme:eu/items/a%2520b 200 JP 20 512`,
				`${at} SEA73-P2 PUT /v1/partitions/acme/items/k 201 US 99 1`,
			),
		),
	);
	expect(rows).toEqual([
		{ tsMs: Date.UTC(2024, 10, 14, 22, 30, 25), partition: "acme:eu", region: "ap-northeast-1", count: 1, op: "read", bytes: 512, line: 3 },
		{ tsMs: Date.UTC(2024, 10, 14, 22, 30, 25), partition: "acme", region: "us-west-2", count: 1, op: "write", bytes: 99, line: 4 },
	]);
});

it("counts what it cannot use by its reason", async () => {
	const { rows, skipped } = await readAll(
		logFile(
			w3c(
				`${at} FRA56-P4 GET /v1/partitions/a/items 503 DE 1 1`,
				`${at} FRA56-P4 GET /v1/partitions/a/items 000 DE 1 1`,
				`${at} FRA56-P4 GET /health 200 DE 1 1`,
				`${at} ZZZ1-P4 GET /v1/partitions/a/items 200 - 1 1`,
				`${at} - GET /v1/partitions/a/items 200 - 1 1`,
				`${at} ZZZ1-P4 GET /v1/partitions/a/items 200 EU 1 1`,
				"2024-11-14 soon FRA56-P4 GET /v1/partitions/a/items 200 DE 1 1",
				`${at} FRA56-P4 GET /v1/partitions/a/items 200`,
				`${at} ZZZ1-P4 GET /v1/partitions/a/items 404 DE 1 1`,
			),
		),
	);
	expect(rows.map(({ region }) => region)).toEqual(["eu-central-1"]);
	expect(skipped).toEqual({
		"bad-row": 1,
		"bad-time": 1,
		"no-geography": 1,
		"no-partition": 1,
		"not-served": 2,
		"unknown-country": 1,
		"unknown-edge": 1,
	});
});

it("takes new columns where files were put together", async () => {
	const { rows } = await readAll(
		logFile(
			`${w3c(`${at} NRT12-C3 GET /v1/partitions/a/items 200 JP 1 1`)}\n#Fields: cs-uri-stem timestamp(ms) c-country\n/v1/partitions/b/items\t1731623425421\tDE`,
		),
	);
	expect(rows.map(({ partition, region }) => [partition, region])).toEqual([
		["a", "ap-northeast-1"],
		["b", "eu-central-1"],
	]);
});

it.each([
	["date time c-country", "cs-uri-stem"],
	["date cs-uri-stem c-country", "timestamp(ms), or date and time"],
	["date time cs-uri-stem", "c-country or x-edge-location"],
])("says what a log of %s lacks", async (fields, lack) => {
	const file = logFile(`#Fields: ${fields}\nx\ty\tz`);
	await expect(surveyLog({ file, locate })).rejects.toMatchObject({
		code: "log.bad-header",
		message: expect.stringContaining(`lacks ${lack};`),
	});
});

it("finds a partition in the host or the query where the rule says so", async () => {
	const log = `#Fields: timestamp(ms) x-edge-location x-host-header cs-uri-query\n1731623425421\tFRA56-P1\tacme.example.com\tuser=7&tenant=b%2520c`;
	const by = async (rule: string) => (await readAll(logFile(log), { partitionRule: parsePartitionRule(rule) })).rows[0]?.partition;
	expect(await by("host:{partition}.example.com")).toBe("acme");
	expect(await by("query:tenant")).toBe("b~20c");
});

it("passes over what is no log in a folder and says so, but not where nothing else is there", async () => {
	const log = w3c(`${at} NRT12-C3 GET /v1/partitions/a/items 200 JP 1 1`);
	const folder = logFolder({ "README.txt": "Logs of last year.\n", "b/1.log": log, ".hidden": "x", _SUCCESS: "", "a/2.log": log });
	const { rows, ignored } = await readAll(folder);
	expect(rows).toHaveLength(2);
	expect(ignored).toEqual([expect.stringMatching(/README\.txt: needs columns/)]);
	await expect(
		readAll(logFolder({ "README.txt": "Logs of last year.\nAnd more.\n", "b.txt": "Nothing, really.\n" })),
	).rejects.toMatchObject({
		name: "LogError",
	});
	await expect(readAll(logFolder({}))).rejects.toMatchObject({ code: "log.empty" });
});

it("knows where edges are: the airports of the cities that regions are named after", () => {
	const near = {
		FRA: "eu-central-1",
		NRT: "ap-northeast-1",
		SYD: "ap-southeast-2",
		IAD: "us-east-1",
		GRU: "sa-east-1",
		BOM: "ap-south-1",
		SIN: "ap-southeast-1",
		ARN: "eu-north-1",
	};
	for (const [code, region] of Object.entries(near)) {
		const [edge, home] = [locateEdge(`${code}52-P3`), REGIONS.find(({ id }) => id === region)];
		expect(Math.hypot((edge?.latitude ?? 99) - (home?.latitude ?? 0), (edge?.longitude ?? 99) - (home?.longitude ?? 0))).toBeLessThan(1.5);
	}
	for (const code of edgeCodes()) {
		const { latitude, longitude } = locateEdge(code) ?? expect.fail(code);
		expect(Math.abs(latitude)).toBeLessThanOrEqual(90);
		expect(Math.abs(longitude)).toBeLessThanOrEqual(180);
	}
});
