import { expect, test } from "vitest";
import { createLocator } from "#domain/geography/locate.ts";
import { regionId } from "#domain/geography/region-id.ts";
import { parseAccess } from "#domain/prediction/access-record.ts";
import { REAL_TIME_LOG_FIELDS } from "#infra/description/event-sources.ts";
import { type AccessRecord, headersField, toLogLine } from "#lambdas/shared/access-line.ts";
import { readViewer } from "#local/edge/viewer.ts";
import { dataApiPartition } from "#test/__helpers__/data-api-partition.ts";
import fc from "#test/__helpers__/fast-check.ts";

const dublin = regionId("eu-west-1");
const record = (headers: string): AccessRecord => ({
	timestamp: "1704067200.000",
	"c-country": "",
	"sc-status": "200",
	"sc-bytes": "0",
	"cs-method": "GET",
	"cs-uri-stem": "/v1/partitions/acme/items/k?a=b",
	"cs-bytes": "0",
	"x-edge-location": dublin,
	"x-edge-request-id": "r",
	"time-taken": "0.001",
	"x-edge-detailed-result-type": "Miss",
	"cs-headers": headers,
	"r-host": "data.lambda-url.eu-west-1.localhost",
});
const fieldsOf = (line: string) => Object.fromEntries(line.split("\t").map((value, index) => [REAL_TIME_LOG_FIELDS[index], value]));
/** What a header value may hold, as Node reads it: one character a byte. */
const headerValue = fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)), maxLength: 400 });

test("a log line is read back by the counter, whatever the segment", () => {
	fc.assert(
		fc.property(headerValue, (segment) => {
			const line = toLogLine(record(headersField({ "x-viewer-region": dublin, "x-heliotrope-segment": segment })));
			const parsed = parseAccess(
				fieldsOf(line),
				{ locate: ({ region }) => (region === undefined ? undefined : regionId(region)), partitionOf: dataApiPartition },
				Date.UTC(2024, 0, 2),
			);
			expect(parsed).toMatchObject({ kind: "access", access: { partition: "acme", region: dublin } });
			const fits = encodeURIComponent(segment).length < 700;
			if (parsed.kind === "access" && fits) expect(parsed.access.segment).toBe(segment.trim().slice(0, 64));
		}),
		{ seed: 31 },
	);
});

test("an empty field is a dash, and no value breaks the line", () => {
	const line = toLogLine({ ...record("x"), "cs-uri-stem": "a\tb\nc" });
	expect(line.split("\t")).toHaveLength(REAL_TIME_LOG_FIELDS.length);
	expect(line.split("\t")[REAL_TIME_LOG_FIELDS.indexOf("c-country")]).toBe("-");
});

test("wherever a viewer says it is, it gets an edge or a sentence", () => {
	const locate = createLocator([dublin]);
	const header = fc.option(fc.oneof(fc.string(), fc.array(fc.string())), { nil: undefined });
	fc.assert(
		fc.property(header, header, (region, country) => {
			const viewer = readViewer({ "x-viewer-region": region, "x-viewer-country": country }, locate, dublin);
			if (typeof viewer === "string") expect(viewer).toMatch(/^x-viewer-(region|country): /);
			else expect(viewer.edgeRegion).toBe(dublin);
		}),
		{ seed: 32 },
	);
});
