import { describe, expect, it } from "vitest";
import { DATA_API_RULE, parsePartitionRule } from "#replay/readers/rows/partition-rule.ts";
import fc from "#test/__helpers__/fast-check.ts";
import { logFiles, readAll } from "#test/unit/replay/readers/log-files.ts";
import {
	asCsv,
	asJsonLines,
	asParquet,
	asPlainJson,
	asPlainParquet,
	asRealTime,
	asW3c,
	gzipped,
	TEMPLATE,
	type WrittenAccess,
} from "#test/unit/replay/readers/written-logs.ts";

const { logFile, logFolder } = logFiles();

/** Names as users have them, and nastier: what a path, a template, a log or JSON would have to encode. A text that reads as an encoding is decoded. */
const name = fc
	.oneof(
		fc.stringMatching(/^[a-z0-9-]{1,12}$/),
		fc.string({ unit: "grapheme", minLength: 1, maxLength: 10 }),
		fc.constantFrom("a/b", "ünï çødé", "50%", "a?b#c", '"q"', "<b>"),
	)
	.filter((text) => text.trim() === text && text.isWellFormed() && !/%[0-9a-f]{2}/i.test(text) && text !== "." && !/[\n\r]/.test(text));
const access: fc.Arbitrary<WrittenAccess> = fc.record({
	tsMs: fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2024, 0) }),
	partition: name,
	country: fc.constantFrom("JP", "DE", "US", "BR", "ZZ", "AU"),
	op: fc.constantFrom("read", "write"),
	bytes: fc.nat(1 << 20),
});
const accesses = fc.array(access, { minLength: 1, maxLength: 30 });
const rule = { partitionRule: parsePartitionRule(TEMPLATE) };

/** Rows without what only names them. */
const read = async (content: string | Buffer) => {
	const { rows, skipped } = await readAll(logFile(content), rule);
	return { rows: rows.map(({ line: _, ...row }) => row), skipped };
};

const FORMATS = {
	"CloudFront W3C": asW3c,
	"CloudFront W3C, gzip": (list: readonly WrittenAccess[]) => gzipped(asW3c(list)),
	"CloudFront JSON lines": asJsonLines,
	"CloudFront Parquet": (list: readonly WrittenAccess[]) => asParquet(list, 7),
	"CloudFront real-time records": asRealTime,
	"JSON lines of one's own": asPlainJson,
	"Parquet of one's own": asPlainParquet,
} as const;

describe("every format gives the rows of the CSV of the same accesses", () => {
	it.each(Object.entries(FORMATS))("%s", async (_, write) => {
		await fc.assert(
			fc.asyncProperty(accesses, async (list) => {
				expect(await read(write(list))).toEqual(await read(asCsv(list)));
			}),
			{ numRuns: 25 },
		);
	});

	it("several files of several formats, whatever their order, are one log in order of time", async () => {
		const writers = Object.values(FORMATS);
		await fc.assert(
			fc.asyncProperty(fc.array(accesses, { minLength: 2, maxLength: 5 }), fc.nat(), async (lists, shift) => {
				const written = lists.map((list, index) => writers[(index + shift) % writers.length]?.(list) ?? "");
				const folder = logFolder(Object.fromEntries(written.map((content, index) => [`2023/${index}.gz`, content])));
				const fromFolder = await readAll(folder, rule);
				const fromFiles = await readAll(written.map((content) => logFile(content)).toReversed(), rule);
				const { rows } = await read(asCsv(lists.flat()));
				const plain = ({ rows: all }: typeof fromFolder) => all.map(({ line: _, ...row }) => JSON.stringify(row));
				expect(fromFolder.rows.map(({ tsMs }) => tsMs)).toEqual(rows.map(({ tsMs }) => tsMs));
				expect(plain(fromFolder).sort()).toEqual(rows.map((row) => JSON.stringify(row)).sort());
				expect(plain(fromFiles).sort()).toEqual(plain(fromFolder).sort());
				expect(fromFolder.skipped).toEqual(fromFiles.skipped);
				expect(new Set(fromFolder.rows.map(({ line }) => line)).size).toBe(rows.length);
			}),
			{ numRuns: 15 },
		);
	});
});

describe("damaged logs", () => {
	const written = Array.from({ length: 60 }, (_, index) => ({
		tsMs: Date.UTC(2023, 0) + index * 60_000,
		partition: `tenant-${index % 7}`,
		country: "JP",
		op: "read" as const,
		bytes: index,
	}));
	it.each(Object.entries(FORMATS))("%s: bytes changed or cut off never do more than skip rows or fail in one line", async (_, write) => {
		const good = Buffer.from(write(written));
		// A damaged run length inside a page of Parquet can keep its reader busy for minutes (see README): only cuts there.
		const isParquet = good.subarray(0, 4).toString() === "PAR1";
		const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: isParquet ? 0 : 6 });
		await fc.assert(
			fc.asyncProperty(damage, fc.integer({ min: 1, max: good.length }), fc.boolean(), async (changes, length, cut) => {
				const bytes = Buffer.from(good);
				for (const [at, value] of changes) bytes[at] = value;
				const outcome = await readAll(logFile(cut ? bytes.subarray(0, length) : bytes), rule).catch((error: unknown) => error);
				if (outcome instanceof Error) {
					expect(outcome.name).toBe("LogError");
					expect(outcome.message).not.toMatch(/[\n\r]/);
				}
			}),
			{ numRuns: 40 },
		);
	});
});

describe("partition rules", () => {
	const segment = fc.stringMatching(/^[a-z0-9.+()$-]{1,8}$/);
	it("find what their template names, whatever stands around it", () => {
		fc.assert(
			fc.property(
				fc.array(segment, { maxLength: 3 }),
				segment,
				fc.array(segment, { maxLength: 3 }),
				segment,
				(before, prefix, after, id) => {
					const { find } = parsePartitionRule(`/${[...before, `${prefix}{partition}`].join("/")}`);
					expect(find(`/${[...before, prefix + id, ...after].join("/")}`)).toBe(id);
					// a segment that no template of these can begin with
					expect(find(`/OTHER/${[...before, prefix + id].join("/")}`)).toBe(undefined);
				},
			),
		);
	});

	it("never throw on the text of a log", () => {
		const rules = [DATA_API_RULE, ...["/a/*/{partition}/*", "host:{partition}.example.com", "query:tenant"].map(parsePartitionRule)];
		fc.assert(
			fc.property(fc.string({ unit: "binary" }), (text) => {
				for (const { find, encode } of rules) {
					const found = find(text);
					if (found !== undefined) encode(found);
				}
			}),
		);
	});

	it.each([
		["/tenants/{partition}/*", "/tenants/acme/x/y", "acme"],
		["/tenants/{partition}/*", "/tenants/acme", "acme"],
		["/*/t-{partition}.json", "/v2/t-acme.json", "acme"],
		["/*/t-{partition}.json", "/v2/t-acme.xml", undefined],
		["host:{partition}.example.com", "Acme.example.com:443", "acme"],
		["host:{partition}.example.com", "a.b.example.com", undefined],
		["query:tenant", "a=1&tenant=acme%20inc", "acme inc"],
		["query:tenant", "/path?tenant=acme", "acme"],
	])("%s in %s finds %s", (template, text, expected) => expect(parsePartitionRule(template).find(text)).toBe(expected));

	it.each(["tenants/{partition}", "/tenants", "/{partition}/{partition}", "host:example.com", "query:", "", "query:a b"])(
		"%s is refused in one line",
		(template) => expect(() => parsePartitionRule(template)).toThrow(/^[^\n]*\{partition\}[^\n]*$/),
	);
});
