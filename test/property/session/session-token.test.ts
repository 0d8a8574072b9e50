import { describe, expect, it } from "vitest";
import { partitionId } from "#domain/partition/partition-id.ts";
import { emptyToken, MAX_SEEN_KEYS, mayAnswer, mergeTokens, type SessionToken, withSeen } from "#domain/partition/session-token.ts";
import { decodeToken, encodeToken, MAX_TOKEN_CHARS } from "#domain/partition/session-token-codec.ts";
import { compareVersions } from "#domain/partition/version.ts";
import fc from "#test/__helpers__/fast-check.ts";

const P = partitionId("tenant:1");
const version = fc.record({ epoch: fc.nat(5), n: fc.nat(9) });
const anyVersion = fc.record({ epoch: fc.maxSafeNat(), n: fc.maxSafeNat() });
/** Few keys, so that they meet. */
const held = fc.record({ key: fc.constantFrom("a", "b", "c/d", "é"), version });
const many = fc.array(fc.record({ key: fc.string({ minLength: 1, maxLength: 8 }), version: anyVersion }), { maxLength: 2 * MAX_SEEN_KEYS });
/** Overflown ones included: three of them together pass the bound in about half of the cases. */
const token = fc.oneof(
	fc.array(held, { maxLength: 8 }).map((seen) => withSeen(emptyToken(P), seen)),
	many.map((seen) => withSeen(emptyToken(P), seen)),
);

/** Equal as values, whatever the order in which keys came. */
const same = (a: SessionToken, b: SessionToken): void => expect(encodeToken(a)).toBe(encodeToken(b));

describe("a session token", () => {
	it("merges in any order, any grouping and any number of times to the same", () => {
		fc.assert(
			fc.property(token, token, token, (a, b, c) => {
				same(mergeTokens(a, b), mergeTokens(b, a));
				same(mergeTokens(mergeTokens(a, b), c), mergeTokens(a, mergeTokens(b, c)));
				same(mergeTokens(a, a), a);
				same(mergeTokens(a, emptyToken(P)), a);
			}),
			{ seed: 31 },
		);
	});

	it("never forgets: what a merge lets a copy answer, each part would have", () => {
		fc.assert(
			fc.property(token, token, held, (a, b, stored) => {
				const both = mergeTokens(a, b);
				const may = (one: SessionToken) => mayAnswer(one, stored.key, stored.version);
				expect(may(both)).toBe(may(a) && may(b) && !both.overflown);
			}),
			{ seed: 32 },
		);
	});

	it("lets a copy answer exactly if it has the key at no older version than was seen", () => {
		fc.assert(
			fc.property(fc.array(held, { maxLength: 12 }), fc.constantFrom("a", "b", "unseen"), version, (seen, key, stored) => {
				const session = withSeen(emptyToken(P), seen);
				const newer = seen.some((one) => one.key === key && compareVersions(one.version, stored) > 0);
				expect(mayAnswer(session, key, stored)).toBe(!newer);
				expect(mayAnswer(session, key, undefined)).toBe(false);
			}),
			{ seed: 33 },
		);
	});

	it("overflows beyond its bound, stays overflown, and then leaves every key to the leader", () => {
		fc.assert(
			fc.property(many, token, (seen, more) => {
				const session = withSeen(emptyToken(P), seen);
				expect(session.seen.size).toBeLessThanOrEqual(MAX_SEEN_KEYS);
				expect(session.overflown).toBe(new Set(seen.map(({ key }) => key)).size > MAX_SEEN_KEYS);
				if (!session.overflown) return;
				expect(mergeTokens(more, session).overflown).toBe(true);
				expect(mayAnswer(session, "a", { epoch: 9, n: 9 })).toBe(false);
			}),
			{ seed: 34 },
		);
	});

	it("survives its header, bounded, and tells no key", () => {
		fc.assert(
			fc.property(token, (session) => {
				const text = encodeToken(session);
				expect(text).toMatch(/^[\w-]+$/);
				expect(text.length).toBeLessThanOrEqual(MAX_TOKEN_CHARS);
				const decoded = decodeToken(text);
				expect(decoded.kind).toBe("token");
				if (decoded.kind === "token")
					expect(decoded.token).toEqual({ ...session, seen: new Map([...session.seen].sort(([a], [b]) => (a < b ? -1 : 1))) });
			}),
			{ seed: 35 },
		);
		expect(MAX_TOKEN_CHARS).toBeLessThan(2_048);
		const full = Array.from({ length: MAX_SEEN_KEYS }, (_, i) => ({
			key: `secret${i}`,
			version: { epoch: Number.MAX_SAFE_INTEGER, n: Number.MAX_SAFE_INTEGER },
		}));
		const text = encodeToken(withSeen(emptyToken(P), full));
		expect(text).toHaveLength(MAX_TOKEN_CHARS);
		expect(Buffer.from(text, "base64url").toString("latin1")).not.toContain("secret");
	});

	it("is read from no other text: what decodes was written so", () => {
		const nearly = fc.tuple(token, fc.nat(), fc.nat(255)).map(([session, at, byte]) => {
			const bytes = Buffer.from(encodeToken(session), "base64url");
			bytes[at % bytes.length] = byte;
			return bytes.toString("base64url");
		});
		const texts = fc.oneof(
			fc.string(),
			fc.base64String(),
			fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from([1, 0, ...bytes]).toString("base64url")),
			nearly,
		);
		fc.assert(
			fc.property(texts, (text) => {
				const decoded = decodeToken(text);
				if (decoded.kind === "token") expect(encodeToken(decoded.token)).toBe(text);
				else expect(decoded.reason).not.toBe("");
			}),
			{ seed: 36, numRuns: 500 },
		);
	});

	it("of another partition is not merged", () => {
		expect(() => mergeTokens(emptyToken(P), emptyToken(partitionId("tenant:2")))).toThrow(RangeError);
	});
});
