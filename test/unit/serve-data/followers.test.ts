import { beforeEach, describe, expect, it } from "vitest";
import { bucketsOf, partitionId } from "#domain/partition/partition-id.ts";
import { emptyToken, withSeen } from "#domain/partition/session-token.ts";
import { decodeToken, encodeToken } from "#domain/partition/session-token-codec.ts";
import { bucketOf } from "#domain/ring/ring.ts";
import { AP, DataPlaneWorld, EU, P, type TestAnswer, US } from "#test/__helpers__/data-plane-world.ts";

let world: DataPlaneWorld;
beforeEach(async () => {
	world = new DataPlaneWorld();
	world.record({ followers: [US] });
	await world.fence(EU, { peers: [US] });
	await world.fence(US, { role: "follower", leader: EU });
});

const SESSION = { "x-heliotrope-consistency": "session" };
const EVENTUAL = { "x-heliotrope-consistency": "eventual" };
const tokenOf = (answer: TestAnswer): string => answer.headers["x-heliotrope-session"] ?? "";
const inSession = (token: string) => ({ headers: { ...SESSION, "x-heliotrope-session": token } });
const servedAt = (answer: TestAnswer) => answer.headers["x-heliotrope-region"];

/** Brings the key from EU to US as the stream would. */
async function carry(key: string): Promise<void> {
	const ref = { partition: P, bucket: bucketOf(key, 2) };
	const item = await world.store(EU).readItem(ref, key);
	if (item === undefined) throw new Error(`no ${key}`);
	expect(await world.store(US).carry(ref, item, { epoch: 1 })).not.toBe("refused");
}

describe("a session read at a follower", () => {
	it("is served there once the copy has what the session wrote, and by the leader until then", async () => {
		const written = await world.item(US, "PUT", "k", { body: "v1", headers: SESSION });
		expect(servedAt(written)).toBe(EU);
		expect(await world.item(US, "GET", "k", inSession(tokenOf(written)))).toMatchObject({
			text: "v1",
			headers: { "x-heliotrope-region": EU },
		});
		await carry("k");
		const read = await world.item(US, "GET", "k", inSession(tokenOf(written)));
		expect(read).toMatchObject({ status: 200, text: "v1", headers: { "x-heliotrope-region": US, "x-heliotrope-epoch": "1" } });
		expect(read.headers["etag"]).toBe(written.headers["etag"]);
		expect(tokenOf(read)).toBe(tokenOf(written));
		const again = await world.item(EU, "PUT", "k", { body: "v2", headers: { ...SESSION, "x-heliotrope-session": tokenOf(read) } });
		expect(await world.item(US, "GET", "k", inSession(tokenOf(again)))).toMatchObject({
			text: "v2",
			headers: { "x-heliotrope-region": EU },
		});
		// Another session that has not seen v2 may still be served v1.
		expect(await world.item(US, "GET", "k", inSession(tokenOf(read)))).toMatchObject({
			text: "v1",
			headers: { "x-heliotrope-region": US },
		});
	});

	it("never goes back after a newer version was read at the leader", async () => {
		await world.item(EU, "PUT", "k", { body: "v1" });
		await carry("k");
		await world.item(EU, "PUT", "k", { body: "v2" });
		const fresh = await world.item(EU, "GET", "k", { headers: SESSION });
		expect(await world.item(US, "GET", "k", inSession(tokenOf(fresh)))).toMatchObject({
			text: "v2",
			headers: { "x-heliotrope-region": EU },
		});
	});

	it("knows a delete by its tombstone, on both sides", async () => {
		await world.item(EU, "PUT", "k", { body: "v" });
		await carry("k");
		const gone = await world.item(EU, "DELETE", "k", { headers: SESSION });
		expect(gone.status).toBe(204);
		expect(await world.item(US, "GET", "k", inSession(tokenOf(gone)))).toMatchObject({
			status: 404,
			headers: { "x-heliotrope-region": EU },
		});
		await carry("k");
		const read = await world.item(US, "GET", "k", inSession(tokenOf(gone)));
		expect(read).toMatchObject({ status: 404, json: { code: "item.not-found" }, headers: { "x-heliotrope-region": US } });
		expect(tokenOf(read)).toBe(tokenOf(gone));
	});

	it.each(["DELETE", "GET", "PUT"])("is not shown again what %s found deleted at the leader", async (method) => {
		await world.item(EU, "PUT", "k", { body: "v" });
		await carry("k");
		await world.item(EU, "DELETE", "k");
		const headers = { ...SESSION, ...(method === "PUT" && { "if-match": '"1-1"' }) };
		const refused = await world.item(EU, method, "k", { headers });
		expect([404, 412]).toContain(refused.status);
		expect(await world.item(US, "GET", "k", inSession(tokenOf(refused)))).toMatchObject({
			status: 404,
			headers: { "x-heliotrope-region": EU },
		});
	});

	it("of a key that the copy does not have is the leader's to answer", async () => {
		await world.item(EU, "PUT", "k", { body: "v" });
		expect(await world.item(US, "GET", "k", { headers: SESSION })).toMatchObject({ text: "v", headers: { "x-heliotrope-region": EU } });
		expect(servedAt(await world.item(US, "GET", "never", { headers: SESSION }))).toBe(EU);
	});

	it("answers a conditional read", async () => {
		const written = await world.item(EU, "PUT", "k", { body: "v", headers: SESSION });
		await carry("k");
		const headers = { ...SESSION, "if-none-match": written.headers["etag"] ?? "" };
		expect(await world.item(US, "GET", "k", { headers })).toMatchObject({ status: 304, headers: { "x-heliotrope-region": US } });
	});

	it("remembers every row that a list was made of, and past its bound asks the leader only", async () => {
		for (const key of ["a", "b"]) await world.item(EU, "PUT", key);
		for (const key of ["a", "b"]) await carry(key);
		await world.item(EU, "DELETE", "b");
		await world.item(EU, "PUT", "a", { body: "newer" });
		const list = await world.call(US, "GET", `/v1/partitions/${P}/items`, { headers: SESSION });
		expect([servedAt(list), list.json["items"]]).toMatchObject([EU, [{ key: "a" }]]);
		for (const key of ["a", "b"]) expect(servedAt(await world.item(US, "GET", key, inSession(tokenOf(list))))).toBe(EU);
		for (let i = 0; i < 70; i++) await world.item(EU, "PUT", `many${i}`);
		await carry("many0");
		const long = await world.call(US, "GET", `/v1/partitions/${P}/items`, { headers: SESSION });
		expect(decodeToken(tokenOf(long))).toMatchObject({ token: { overflown: true } });
		expect(servedAt(await world.item(US, "GET", "many0", inSession(tokenOf(long))))).toBe(EU);
		expect(servedAt(await world.item(US, "GET", "many0", { headers: SESSION }))).toBe(US);
	});

	it("follows a batch", async () => {
		const headers = SESSION;
		const operations = [
			{ method: "PUT", key: "a", body: "1" },
			{ method: "DELETE", key: "none" },
			{ method: "PUT", key: "b", body: "2" },
		];
		const batch = await world.call(US, "POST", `/v1/partitions/${P}/batch`, { headers, body: JSON.stringify({ operations }) });
		expect(batch.status).toBe(207);
		const decoded = decodeToken(tokenOf(batch));
		expect(decoded.kind === "token" && decoded.token.seen.size).toBe(2);
	});

	it("takes several tokens, as requests under way at once leave them", async () => {
		const a = await world.item(EU, "PUT", "a", { headers: SESSION });
		const b = await world.item(EU, "PUT", "b", { headers: SESSION });
		await carry("a");
		const both = `${tokenOf(a)}, ${tokenOf(b)}`;
		expect(servedAt(await world.item(US, "GET", "a", inSession(both)))).toBe(US);
		expect(servedAt(await world.item(US, "GET", "b", inSession(both)))).toBe(EU);
		expect(decodeToken(tokenOf(await world.item(EU, "GET", "a", inSession(both))))).toMatchObject({ token: { overflown: false } });
	});

	it("sees through a change of leader and its way back", async () => {
		const first = await world.item(EU, "PUT", "k", { body: "e1", headers: SESSION });
		await carry("k");
		await world.fence(US, { epoch: 2, peers: [EU] });
		await world.fence(EU, { role: "follower", epoch: 2, leader: US });
		world.clock.advance(2_000);
		const second = await world.item(EU, "PUT", "k", { body: "e2", headers: { ...SESSION, "x-heliotrope-session": tokenOf(first) } });
		expect(await world.item(EU, "GET", "k", inSession(tokenOf(first)))).toMatchObject({
			text: "e1",
			headers: { "x-heliotrope-region": EU },
		});
		expect(await world.item(EU, "GET", "k", inSession(tokenOf(second)))).toMatchObject({
			text: "e2",
			headers: { "x-heliotrope-region": US },
		});
		// After a loss that nobody could prevent the session is served what there is.
		await world.fence(EU, { epoch: 3, peers: [US] });
		await world.fence(US, { role: "follower", epoch: 3, leader: EU });
		world.clock.advance(2_000);
		const lost = await world.item(EU, "GET", "k", inSession(tokenOf(second)));
		expect([lost.text, tokenOf(lost)]).toEqual(["e1", tokenOf(second)]);
	});
});

describe("a copy", () => {
	it.each(["joining", "removing", "moved", "aborted"] as const)("that is %s answers no read", async (role) => {
		await world.item(EU, "PUT", "k", { body: "v" });
		await carry("k");
		await world.fence(US, { role, leader: EU });
		for (const headers of [SESSION, EVENTUAL]) expect(servedAt(await world.item(US, "GET", "k", { headers }))).toBe(EU);
	});

	it("that is emptied while it is read does not count", async () => {
		await world.item(EU, "PUT", "k", { body: "v" });
		await carry("k");
		for (const ref of bucketsOf(P, 2)) await world.feed(US).advance(ref, world.clock.nowMs());
		const readDuring = async (operation: "readItem" | "listItems", read: () => Promise<TestAnswer>): Promise<TestAnswer> => {
			await world.fence(US, { role: "follower", leader: EU });
			world.before = async (begun, region) => {
				if (begun !== operation || region !== US) return;
				world.before = undefined;
				await world.fence(US, { role: "removing", leader: EU });
				world
					.store(US)
					.buckets.get(`${P}#${bucketOf("k", 2)}`)
					?.items.clear();
			};
			return read();
		};
		const item = await readDuring("readItem", () => world.item(US, "GET", "k", { headers: EVENTUAL }));
		expect(item).toMatchObject({ status: 200, text: "v", headers: { "x-heliotrope-region": EU } });
		const list = await readDuring("listItems", () => world.call(US, "GET", `/v1/partitions/${P}/items`, { headers: EVENTUAL }));
		expect([servedAt(list), list.json["items"]]).toMatchObject([EU, [{ key: "k" }]]);
	});

	it("that has gone and come again between two reads of its fence does not count", async () => {
		await world.item(EU, "PUT", "k", { body: "v" });
		await carry("k");
		world.before = async (operation, region) => {
			if (operation !== "readItem" || region !== US) return;
			world.before = undefined;
			await world.fence(EU, { epoch: 3, peers: [US] });
			await world.fence(US, { role: "follower", leader: EU, epoch: 3 });
		};
		expect(servedAt(await world.item(US, "GET", "k", { headers: SESSION }))).toBe(EU);
	});

	it("that leads to nowhere ends in 503, not in a loop", async () => {
		await world.fence(EU, { role: "follower", leader: US });
		expect(await world.item(US, "GET", "k", { headers: SESSION })).toMatchObject({ status: 503, json: { code: "route.loop" } });
		expect(world.forwards.length).toBeLessThanOrEqual(2);
	});
});

describe("an eventual read", () => {
	it("is served by a follower with the age of what is known", async () => {
		await world.item(EU, "PUT", "k", { body: "v" });
		await carry("k");
		world.clock.advance(700);
		const read = await world.item(US, "GET", "k", { headers: EVENTUAL });
		expect(read).toMatchObject({ text: "v", headers: { "x-heliotrope-region": US, "x-heliotrope-staleness-ms": "700" } });
		world.clock.advance(60_000);
		const ref = { partition: P, bucket: bucketOf("k", 2) };
		await world.feed(US).advance(ref, world.clock.nowMs() - 250);
		expect((await world.item(US, "GET", "k", { headers: EVENTUAL })).headers["x-heliotrope-staleness-ms"]).toBe("250");
		await world.feed(US).advance(ref, world.clock.nowMs() + 40);
		expect((await world.item(US, "GET", "k", { headers: EVENTUAL })).headers["x-heliotrope-staleness-ms"]).toBe("0");
	});

	it("takes the report from before the item was read", async () => {
		await world.item(EU, "PUT", "k", { body: "v" });
		await carry("k");
		world.clock.advance(5_000);
		world.before = async (operation, region) => {
			if (operation === "readItem" && region === US)
				await world.feed(US).advance({ partition: P, bucket: bucketOf("k", 2) }, world.clock.nowMs());
		};
		expect((await world.item(US, "GET", "k", { headers: EVENTUAL })).headers["x-heliotrope-staleness-ms"]).toBe("5000");
	});

	it("of an unknown key, and a list, are served once the feed has reported of every bucket, and by the leader until then", async () => {
		await world.item(EU, "PUT", "k", { body: "v" });
		await carry("k");
		const list = () => world.call(US, "GET", `/v1/partitions/${P}/items`, { headers: EVENTUAL });
		expect(servedAt(await world.item(US, "GET", "none", { headers: EVENTUAL }))).toBe(EU);
		const nowMs = world.clock.nowMs();
		await world.feed(US).advance({ partition: P, bucket: 0 }, nowMs - 3_000);
		expect((await list()).headers).toMatchObject({ "x-heliotrope-region": EU, "x-heliotrope-staleness-ms": "0" });
		await world.feed(US).advance({ partition: P, bucket: 1 }, nowMs - 1_000);
		const near = await list();
		expect(near.headers).toMatchObject({ "x-heliotrope-region": US, "x-heliotrope-staleness-ms": "3000" });
		expect(near.json["items"]).toMatchObject([{ key: "k" }]);
		expect(await world.item(US, "GET", "none", { headers: EVENTUAL })).toMatchObject({
			status: 404,
			headers: { "x-heliotrope-region": US },
		});
	});

	it("is served by a follower while its leader is out of reach", async () => {
		await world.item(EU, "PUT", "k", { body: "v" });
		await carry("k");
		world.unreachable.add(EU);
		expect(await world.item(US, "GET", "k", { headers: EVENTUAL })).toMatchObject({ status: 200, text: "v" });
		expect(await world.item(US, "GET", "k")).toMatchObject({ status: 503, json: { code: "region.unreachable" } });
	});

	it("at the leader is not late, and bears no token", async () => {
		await world.item(EU, "PUT", "k", { body: "v" });
		const read = await world.item(EU, "GET", "k", { headers: EVENTUAL });
		expect(read.headers["x-heliotrope-staleness-ms"]).toBe("0");
		expect(read.headers["x-heliotrope-session"]).toBeUndefined();
	});
});

describe("a request", () => {
	it("without a consistency is the leader's, and bears neither token nor staleness", async () => {
		const written = await world.item(US, "PUT", "k", { body: "v" });
		await carry("k");
		for (const answer of [
			written,
			await world.item(US, "GET", "k"),
			await world.item(US, "GET", "k", { headers: { "x-heliotrope-consistency": "linearizable" } }),
		]) {
			expect(servedAt(answer)).toBe(EU);
			expect(answer.headers["x-heliotrope-session"] ?? answer.headers["x-heliotrope-staleness-ms"]).toBeUndefined();
		}
	});

	const foreign = encodeToken(withSeen(emptyToken(partitionId("tenant:2")), []));
	const full = encodeToken(emptyToken(P));
	it.each([
		["eventually", "", "consistency.invalid"],
		["", "", "consistency.invalid"],
		["Session", "", "consistency.invalid"],
		["session", "!", "session.token-invalid"],
		["session", "AAAA", "session.token-invalid"],
		["session", full.slice(0, -2), "session.token-invalid"],
		["session", `${full}AA`, "session.token-invalid"],
		["session", "A".repeat(4_000), "session.token-invalid"],
		["session", Array.from({ length: 9 }, () => full).join(","), "session.token-invalid"],
		["session", foreign, "session.token-foreign"],
		["session", `${full},${foreign}`, "session.token-foreign"],
	])("at %j with token %j is refused with %s", async (consistency, token, code) => {
		const headers = { "x-heliotrope-consistency": consistency, "x-heliotrope-session": token };
		for (const region of [EU, US, AP]) {
			const answer = await world.item(region, "GET", "k", { headers });
			expect(answer).toMatchObject({ status: 400, json: { code } });
			if (code.startsWith("session") && token.length > 9) expect(answer.text).not.toContain(token);
		}
		expect(world.forwards).toEqual([]);
	});

	it("reads each fence of a list in one transaction", async () => {
		for (const ref of bucketsOf(P, 2)) await world.feed(US).advance(ref, world.clock.nowMs());
		const operations: string[] = [];
		world.before = (operation) => {
			operations.push(operation);
		};
		await world.call(US, "GET", `/v1/partitions/${P}/items`, { headers: { ...EVENTUAL, "x-heliotrope-buckets": "2" } });
		expect(operations).toEqual(["readFences", "listItems", "listItems", "readFences"]);
	});
});
