import { describe, expect, it } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { ACCESS_ARCHIVE } from "#infra/description/access-archive.ts";
import { REAL_TIME_LOG_FIELDS } from "#infra/description/event-sources.ts";
import { archiveAccesses } from "#lambdas/archive-accesses/archive.ts";
import { dataApiPartition } from "#test/__helpers__/data-api-partition.ts";
import fc from "#test/__helpers__/fast-check.ts";

const NOW_MS = Date.UTC(2030, 0, 1, 12);
const deps = {
	locate: () => regionId("eu-west-1"),
	partitionOf: dataApiPartition,
	nowMs: () => NOW_MS,
};
const GOOD: Partial<Record<(typeof REAL_TIME_LOG_FIELDS)[number], string>> = {
	timestamp: String(NOW_MS / 1000 - 60.25),
	"c-country": "IE",
	"sc-status": "200",
	"sc-bytes": "1234",
	"cs-method": "GET",
	"cs-uri-stem": "/v1/partitions/acme/items/k",
	"x-edge-location": "DUB2-C1",
	"x-edge-request-id": "request-1",
	"cs-headers": "x-heliotrope-segment%3Aoffice%0A",
};
const lineOf = (fields: Partial<Record<string, string>>): string =>
	`${REAL_TIME_LOG_FIELDS.map((name) => fields[name] ?? "-").join("\t")}\n`;
const archive = (...lines: readonly string[]) =>
	archiveAccesses(deps, { records: lines.map((line, index) => ({ recordId: `r${index}`, data: Buffer.from(line).toString("base64") })) })
		.records;
const rowOf = (data: string): unknown => JSON.parse(Buffer.from(data, "base64").toString());

describe("the archive of accesses", () => {
	it("makes a row of a log line, with the columns that Glue describes", () => {
		const [record] = archive(lineOf(GOOD));
		expect(record).toMatchObject({ recordId: "r0", result: "Ok" });
		const row = rowOf(record?.data ?? "") as Record<string, unknown>;
		expect(row).toEqual({
			ts: "2030-01-01T11:58:59.750Z",
			partition: "acme",
			region: "eu-west-1",
			country: "IE",
			segment: "office",
			op: "read",
			status: 200,
			bytes: 1234,
		});
		expect(Object.keys(row)).toEqual(ACCESS_ARCHIVE.columns.map(({ name }) => name));
	});

	it("tells writes from reads", () => {
		const ops = archive(...["GET", "HEAD", "PUT", "POST", "DELETE"].map((method) => lineOf({ ...GOOD, "cs-method": method }))).map(
			({ data }) => rowOf(data),
		);
		expect(ops).toMatchObject([{ op: "read" }, { op: "read" }, { op: "write" }, { op: "write" }, { op: "write" }]);
	});

	it("drops what is no access, in its place", () => {
		const records = archive(lineOf({ ...GOOD, "sc-status": "503" }), lineOf(GOOD), "garbage", "");
		expect(records.map(({ recordId, result }) => [recordId, result])).toEqual([
			["r0", "Dropped"],
			["r1", "Ok"],
			["r2", "Dropped"],
			["r3", "Dropped"],
		]);
	});

	it("answers every record once, whatever is in it", () => {
		fc.assert(
			fc.property(fc.array(fc.string({ unit: "binary" })), (lines) => {
				expect(archive(...lines).map(({ recordId }) => recordId)).toEqual(lines.map((_, index) => `r${index}`));
			}),
		);
	});
});
