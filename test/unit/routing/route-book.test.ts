import { expect, test } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import { type KnownRoute, routeOf } from "#domain/routing/known-route.ts";
import { RouteBook } from "#domain/routing/route-book.ts";
import { RouteCache } from "#domain/routing/route-cache.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";

const [broken, whole] = [partitionId("broken"), partitionId("whole")];

/** A book over a table in which reading `broken` fails so. */
function bookThatFails(failure: Error) {
	const asked: string[] = [];
	const read = async (partition: typeof broken): Promise<KnownRoute> => {
		asked.push(partition);
		if (partition === broken) throw failure;
		return routeOf({ partition, leader: regionId("eu-west-1"), followers: [], epoch: 1, phase: "active", buckets: 1 });
	};
	const clock = new ManualClock(0);
	const book = new RouteBook({ cache: new RouteCache(1), read, clock, background: () => {}, onUnavailable: () => {} });
	return { asked, book, clock };
}

test("a table that is away is left alone for a second, whatever is asked for", async () => {
	const { asked, book, clock } = bookThatFails(new UnavailableError("away"));
	expect(await book.lookUp(broken)).toBe("unread");
	expect(await book.lookUp(whole)).toBe("unread");
	clock.advance(1000);
	expect(await book.lookUp(whole)).toMatchObject({ epoch: 1 });
	expect(asked).toEqual([broken, whole]);
});

test("a record that cannot be read keeps nobody from reading others", async () => {
	const { asked, book } = bookThatFails(new UnavailableError("no record", { code: "metadata.invalid", retryable: false }));
	expect(await book.lookUp(broken)).toBe("unread");
	expect(await book.lookUp(whole)).toMatchObject({ epoch: 1 });
	expect(asked).toEqual([broken, whole]);
});

test("a route that the cache has no room for serves whoever has read it", async () => {
	const followers = ["a", "b", "c", "d", "e", "f"].map((letter) => regionId(`${letter}${letter}-west-1`));
	const route = routeOf({ partition: whole, leader: regionId("eu-west-1"), followers, epoch: 1, phase: "active", buckets: 1 });
	const cache = new RouteCache(1);
	const book = new RouteBook({ cache, read: async () => route, clock: new ManualClock(0), background: () => {}, onUnavailable: () => {} });
	expect(await book.lookUp(whole)).toEqual(route);
	expect(cache.size).toBe(0);
});
