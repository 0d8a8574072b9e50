import { beforeEach, describe, expect, it } from "vitest";
import { partitionId } from "#domain/partition/partition-id.ts";
import { bucketOf } from "#domain/ring/ring.ts";
import { administer } from "#lambdas/administer/administer.ts";
import { FakePorts, IRELAND, partitionRecord, TOKYO } from "#test/unit/administer/fake-ports.ts";

const BUCKETS = 2;
const KEYS = ["orders/2024 03.json", "ü", "..", "a", "b", "c"];
let ports: FakePorts;
beforeEach(async () => {
	ports = new FakePorts();
	await ports.metadata.create(partitionRecord("acme", { buckets: BUCKETS, leader: TOKYO }));
	for (const [n, key] of KEYS.entries()) {
		const deleted = key === "b";
		const body = new TextEncoder().encode(deleted ? "" : `of ${key}`);
		const write = {
			key,
			version: { epoch: 3, n },
			body,
			contentType: deleted ? "" : "text/plain",
			deleted,
			requestId: `r${n}`,
			writtenAtMs: n,
		};
		await ports.lostWrites(IRELAND).keep({ partition: partitionId("acme"), bucket: bucketOf(key, BUCKETS) }, { ...write, expiresAt: 100 });
	}
});

async function call(method: string, target: string) {
	const url = new URL(`/admin/v1/${target}`, "http://admin.example");
	const path = `/admin/v1/${target.split("?")[0]}`;
	const response = await administer(ports, { method, path, query: url.searchParams, body: "", lastEventId: undefined }, (error) => {
		throw error;
	});
	return { ...response, body: response.body as Record<string, unknown> };
}
const pathOf = (key: string): string => `partitions/acme/lost/${encodeURIComponent(key).replaceAll(".", "%2E")}?region=${IRELAND}`;

describe("what a lost region took in", () => {
	it("is listed once over all pages, whatever the size of a page", async () => {
		for (const limit of [1, 2, 3, 100]) {
			const seen: string[] = [];
			let cursor: unknown;
			do {
				const more = cursor === undefined ? "" : `&cursor=${String(cursor)}`;
				const { body } = await call("GET", `partitions/acme/lost?region=${IRELAND}&limit=${limit}${more}`);
				seen.push(...(body["lost"] as { key: string }[]).map(({ key }) => key));
				cursor = body["cursor"];
			} while (cursor !== undefined);
			expect(seen.toSorted()).toEqual(KEYS.toSorted());
		}
		expect((await call("GET", `partitions/acme/lost?region=${TOKYO}`)).body).toEqual({ partition: "acme", region: TOKYO, lost: [] });
	});

	it("is shown with its content, and forgotten", async () => {
		for (const key of KEYS) {
			const { status, body } = await call("GET", pathOf(key));
			expect([status, body["key"], body["what"]]).toEqual([200, key, key === "b" ? "deletion" : "write"]);
			if (key !== "b") expect(Buffer.from(String(body["body"]), "base64").toString()).toBe(`of ${key}`);
			expect(body["keptUntil"]).toBe("1970-01-01T00:01:40.000Z");
			expect(await call("DELETE", pathOf(key))).toMatchObject({ status: 200, body: { key, forgotten: true } });
			expect(await call("GET", pathOf(key))).toMatchObject({ status: 404, body: { code: "lost-write.unknown" } });
		}
		expect((await call("GET", `partitions/acme/lost?region=${IRELAND}`)).body["lost"]).toEqual([]);
	});

	it.each([
		["partitions/none/lost?region=eu-west-1", 404, "partition.unknown"],
		["partitions/acme/lost?region=sa-east-1", 422, "region.unknown"],
		["partitions/acme/lost", 400, "request.invalid-query"],
		["partitions/acme/lost?region=eu-west-1&cursor=nonsense", 400, "cursor.invalid"],
	])("%s answers %i %s", async (target, status, code) => {
		expect(await call("GET", target)).toMatchObject({ status, body: { code } });
	});
});

it("keys of cursors are listed, rotated and cleared, and never told", async () => {
	expect((await call("GET", "cursor-keys")).body).toMatchObject({ cursorKeys: [{ id: "first", state: "current" }] });
	expect((await call("POST", "cursor-keys/rotate")).body).toMatchObject({
		cursorKeys: [
			{ id: "second", state: "current" },
			{ id: "first", state: "previous", acceptedUntil: expect.any(String) },
		],
	});
	expect((await call("POST", "cursor-keys/clear")).body).toMatchObject({ cursorKeys: [{ id: "second", state: "current" }] });
});
