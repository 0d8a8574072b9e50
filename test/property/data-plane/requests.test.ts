import { describe, expect, it } from "vitest";
import type { StoredItem } from "#domain/partition/item.ts";
import { compareUtf8 } from "#domain/partition/utf8-order.ts";
import { openWith, sealCursor } from "#lambdas/serve-data/cursor.ts";
import { mergePages } from "#lambdas/serve-data/merge-pages.ts";
import { CURSOR_KEY, DataPlaneWorld, EU, P } from "#test/__helpers__/data-plane-world.ts";
import fc from "#test/__helpers__/fast-check.ts";

const text = fc.string({ unit: "grapheme", maxLength: 60 });
const binaryText = fc.string({ unit: "binary", maxLength: 60 });
const path = fc.oneof(
	text,
	text.map((tail) => `/v1/partitions/${P}/items/${tail}`),
	binaryText.map((tail) => `/v1/partitions/${P}/items/${tail}`),
	text.map((name) => `/v1/partitions/${name}/items`),
	fc.constantFrom(`/v1/partitions/${P}/batch`, `/v1/partitions/${P}/items`, `/v1/partitions/${P}/items/`),
);
const headerName = fc.constantFrom(
	"if-match",
	"if-none-match",
	"content-type",
	"x-heliotrope-hops",
	"x-heliotrope-buckets",
	"x-heliotrope-canary",
);

const key = fc.string({ unit: "binary", minLength: 1, maxLength: 100 }).filter((value) => value.isWellFormed());
const storedItem = (name: string, deleted: boolean): StoredItem => ({
	key: name,
	version: { epoch: 1, n: 1 },
	body: new Uint8Array(),
	contentType: "",
	deleted,
	requestId: "",
	writtenAtMs: 0,
});

describe("the data plane", () => {
	it("answers anything at all, never with a 5xx", async () => {
		const world = new DataPlaneWorld([EU]);
		world.record();
		await world.fence(EU, {});
		await fc.assert(
			fc.asyncProperty(
				fc.constantFrom("GET", "PUT", "DELETE", "POST", "HEAD", "PATCH", "nonsense"),
				path,
				fc.dictionary(headerName, text),
				fc.oneof(text, fc.json(), fc.uint8Array({ maxLength: 100 })),
				text,
				async (method, where, headers, body, query) => {
					const answer = await world.call(EU, method, where, { headers, body, query });
					expect(answer.status).toBeGreaterThanOrEqual(200);
					expect(answer.status).toBeLessThan(500);
					expect(answer.headers["x-heliotrope-request-id"]).toBeDefined();
					if (answer.status >= 400) expect(answer.json).toMatchObject({ status: answer.status, code: expect.any(String) });
				},
			),
			{ numRuns: 500 },
		);
		expect(world.logs).toEqual([]);
	});

	it("gives back every key it took, through path, store, list and cursor", async () => {
		const world = new DataPlaneWorld([EU]);
		world.record();
		await world.fence(EU, {});
		await fc.assert(
			fc.asyncProperty(key, async (name) => {
				expect((await world.item(EU, "PUT", name, { body: name })).status).toBeLessThan(300);
				expect((await world.item(EU, "GET", name)).text).toBe(name);
				const list = await world.list(EU, `prefix=${encodeURIComponent(name)}`);
				expect(list.json["items"]).toContainEqual(expect.objectContaining({ key: name }));
				const scope = { partition: P, prefix: name };
				expect(openWith([CURSOR_KEY], scope, sealCursor(CURSOR_KEY, scope, name))).toBe(name);
			}),
			{ numRuns: 200 },
		);
	});

	it("merges pages of buckets into exactly the sorted live items, page by page", () => {
		const buckets = fc.uniqueArray(fc.tuple(key, fc.integer({ min: 0, max: 3 }), fc.boolean()), {
			selector: ([name]) => name,
			maxLength: 40,
		});
		fc.assert(
			fc.property(buckets, fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 }), (items, limit, pageSize) => {
				const seen: string[] = [];
				let after: string | undefined;
				do {
					const pages = [0, 1, 2, 3].map((bucket) => {
						const entries = items
							.filter(([name, where]) => where === bucket && (after === undefined || compareUtf8(name, after) > 0))
							.map(([name, , deleted]) => storedItem(name, deleted))
							.sort((a, b) => compareUtf8(a.key, b.key));
						const page = entries.slice(0, pageSize);
						const last = page.at(-1);
						return entries.length > pageSize && last !== undefined ? { entries: page, next: last.key } : { entries: page };
					});
					const merged = mergePages(pages, limit);
					expect(merged.entries.length).toBeLessThanOrEqual(limit);
					seen.push(...merged.entries.map((item) => item.key));
					if (merged.next !== undefined && after !== undefined) expect(compareUtf8(merged.next, after)).toBeGreaterThan(0);
					after = merged.next;
				} while (after !== undefined);
				const live = items.filter(([, , deleted]) => !deleted).map(([name]) => name);
				expect(seen).toEqual(live.sort(compareUtf8));
			}),
			{ numRuns: 200 },
		);
	});

	it("orders strings as their UTF-8 bytes", () => {
		fc.assert(
			fc.property(key, key, (a, b) => {
				expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
			}),
			{ numRuns: 1_000 },
		);
	});
});
