import { describe, expect, it } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { type LogFields, parseAccess, partitionByRule } from "#domain/prediction/access-record.ts";
import { hourOf, lastClosedHour, reportHourOf } from "#domain/prediction/hours.ts";
import { parentKey, parentOf } from "#domain/prediction/parent.ts";
import { REAL_TIME_LOG_FIELDS } from "#domain/prediction/real-time-log.ts";
import { DEFAULT_PARTITION_RULE, parsePartitionRule } from "#domain/routing/partition-rule.ts";
import { viewerLocator } from "#lambdas/count-accesses/viewer-locator.ts";
import fc from "#test/__helpers__/fast-check.ts";

const NOW_MS = Date.parse("2024-03-04T05:00:30Z");
const locate = viewerLocator([regionId("us-east-1"), regionId("ap-northeast-1")]);
const good: LogFields = {
	timestamp: String(NOW_MS / 1000 - 40),
	"sc-status": "200",
	"cs-uri-stem": "/v1/partitions/tenants%3Aacme/items/a",
	"x-edge-request-id": "r1",
	"x-edge-location": "us-east-1",
	"c-country": "JP",
	"cs-headers": encodeURIComponent("host:example.com\nX-Viewer-Region:ap-northeast-1\nx-heliotrope-segment:office"),
};
const parse = (fields: LogFields, rule = DEFAULT_PARTITION_RULE) =>
	parseAccess(fields, { locate, partitionOf: partitionByRule(parsePartitionRule(rule)) }, NOW_MS);

describe("a log record", () => {
	it("is an access of its partition, region, segment and own hour", () => {
		expect(parse(good)).toEqual({
			kind: "access",
			access: { requestId: "r1", partition: "tenants:acme", region: "ap-northeast-1", segment: "office", hour: hourOf(NOW_MS) - 1 },
		});
	});

	it("falls back to the viewer's country, then to the edge", () => {
		expect(parse({ ...good, "cs-headers": "-" })).toMatchObject({ access: { region: "ap-northeast-1", segment: "" } });
		expect(parse({ ...good, "cs-headers": "-", "c-country": "-" })).toMatchObject({ access: { region: "us-east-1" } });
	});

	it.each([
		["bad-line", { "x-edge-request-id": "-" }],
		["bad-line", { "sc-status": "OK" }],
		["bad-time", { timestamp: "yesterday" }],
		["bad-time", { timestamp: "-5" }],
		["future-time", { timestamp: String(NOW_MS / 1000 + 7200) }],
		["not-served", { "sc-status": "503" }],
		["not-served", { "sc-status": "0" }],
		["no-partition", { "cs-uri-stem": "/favicon.ico" }],
		["no-partition", { "cs-uri-stem": "/v1/partitions/%E0%A4%A/items/a" }],
		["no-region", { "cs-headers": "%zz", "c-country": "XX", "x-edge-location": "IAD89-C1" }],
	])("is skipped as %s: %j", (reason, change) => {
		expect(parse({ ...good, ...change })).toEqual({ kind: "skipped", reason });
	});

	const foreign = { ...good, "cs-uri-stem": "/orders/7?sort=asc" };
	const padding = `\nx-padding:${"a".repeat(900)}`;
	const headers = (text: string): LogFields => ({ ...foreign, "cs-headers": encodeURIComponent(`x-viewer-region:us-east-1\n${text}`) });
	const token = `e30.${btoa('{"tenant":"acme"}').replaceAll("=", "")}.signature`;

	it.each([
		["path:/orders/{partition}", foreign, "7"],
		["host:{partition}.example.com", headers("Host:acme.example.com"), "acme"],
		["header:x-tenant", headers("X-Tenant:acme"), "acme"],
		[
			"header:x-tenant",
			{ ...headers("x-tenant:acme"), "cs-headers": `${encodeURIComponent(`x-tenant:acme${padding}`)}`.slice(0, 800) },
			"acme",
		],
		["cookie:tenant", headers("cookie:a=b; tenant=acme"), "acme"],
		["claim:tenant", headers(`authorization:Bearer ${token}`), "acme"],
		// What an application says of itself has the data API's path
		["header:x-tenant", good, "tenants:acme"],
	])("is of the partition that the rule %s finds", (rule, fields, partition) => {
		expect(parse(fields, rule)).toMatchObject({ kind: "access", access: { partition } });
	});

	it("is of no partition where its name may have been cut", () => {
		const cut = {
			...foreign,
			"cs-headers": encodeURIComponent(`x-padding:${"a".repeat(900)}`.slice(0, 780))
				.concat("%0Ax-tenant%3Aacme")
				.slice(0, 800),
		};
		expect(cut["cs-headers"]).toHaveLength(800);
		expect(parse(cut, "header:x-tenant")).toEqual({ kind: "skipped", reason: "no-partition" });
	});

	it("never throws, whatever its fields hold", () => {
		const fields = fc.dictionary(
			fc.constantFrom(...Object.keys(good)),
			fc.oneof(fc.string(), fc.string({ unit: "binary-ascii" }), fc.constantFrom(...Object.values(good).map(String))),
		);
		fc.assert(
			fc.property(fields, (some) => ["access", "skipped"].includes(parse(some).kind)),
			{ verbose: true },
		);
	});
});

describe("hours", () => {
	it("an hour that a run may read never grows again", () => {
		const ms = fc.integer({ min: NOW_MS, max: NOW_MS + 30 * 3_600_000 });
		fc.assert(
			fc.property(ms, ms, fc.integer({ min: -50, max: 30 }), (runMs, countedMs, offset) => {
				const countingBegan = Math.max(countedMs, runMs - 59_999);
				const hour = reportHourOf(hourOf(NOW_MS) + offset, countingBegan);
				return hour > lastClosedHour(runMs);
			}),
			{ verbose: true },
		);
	});

	it("a run two minutes past the hour reads the hour before", () => {
		expect(lastClosedHour(Date.parse("2024-03-04T05:02:00Z"))).toBe(hourOf(Date.parse("2024-03-04T04:00:00Z")));
		expect(lastClosedHour(Date.parse("2024-03-04T05:01:59Z"))).toBe(hourOf(Date.parse("2024-03-04T03:00:00Z")));
	});
});

it.each([
	["src:mainboard:amd", undefined, "prefix:src:mainboard"],
	["docs.example.com", "x", "prefix:docs.example"],
	["a/b", undefined, "prefix:a"],
	["acme", "office", "segment:office"],
	["acme", "", undefined],
	[":acme", undefined, undefined],
])("the parent of %s in segment %s is %s", (partition, segment, key) => {
	expect(parentKey(parentOf(partition, segment))).toBe(key);
});

/** The order in which records have the fields that there are, from the documentation of CloudFront; the names after `r-host` are left out. */
const DOCUMENTED =
	"timestamp c-ip s-ip time-to-first-byte sc-status sc-bytes cs-method cs-protocol cs-host cs-uri-stem cs-bytes x-edge-location " +
	"x-edge-request-id x-host-header time-taken cs-protocol-version c-ip-version cs-user-agent cs-referer cs-cookie cs-uri-query " +
	"x-edge-response-result-type x-forwarded-for ssl-protocol ssl-cipher x-edge-result-type fle-encrypted-fields fle-status sc-content-type " +
	"sc-content-len sc-range-start sc-range-end c-port x-edge-detailed-result-type c-country cs-accept-encoding cs-accept " +
	"cache-behavior-path-pattern cs-headers cs-header-names cs-headers-count primary-distribution-id primary-distribution-dns-name origin-fbl " +
	"origin-lbl asn r-host";

it("reads log records in the order in which CloudFront writes them", () => {
	const order = DOCUMENTED.split(" ");
	const places = REAL_TIME_LOG_FIELDS.map((field) => order.indexOf(field));
	expect(places).not.toContain(-1);
	expect(places).toEqual(places.toSorted((a, b) => a - b));
});
