import { expect, test } from "vitest";
import { fnv1a64, mix64 } from "#domain/ring/hash.ts";

test.each([
	["", 0xcbf29ce484222325n],
	["a", 0xaf63dc4c8601ec8cn],
	["foobar", 0x85944171f73967e8n],
])("FNV-1a of %j is the published vector", (text, expected) => {
	expect(fnv1a64(text)).toBe(expected);
});

test("the finalizer keeps zero and is the published mix of one", () => {
	expect(mix64(0n)).toBe(0n);
	expect(mix64(1n)).toBe(0xb456bcfc34c2cb2cn);
});
