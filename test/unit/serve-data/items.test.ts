import { beforeEach, describe, expect, it } from "vitest";
import { DataPlaneWorld, EU, P } from "#test/__helpers__/data-plane-world.ts";

describe.each(["steady", "guarded"] as const)("items at a leader, %s", (mode) => {
	let world: DataPlaneWorld;
	beforeEach(async () => {
		world = new DataPlaneWorld();
		world.record();
		await world.fence(EU, { mode });
	});

	it("are created, replaced, read and deleted", async () => {
		const created = await world.item(EU, "PUT", "a/b c", { body: "one", headers: { "content-type": "text/x; q=1" } });
		expect(created.status).toBe(201);
		const read = await world.item(EU, "GET", "a/b c");
		expect(read).toMatchObject({ status: 200, text: "one" });
		expect(read.headers).toMatchObject({ "content-type": "text/x; q=1", etag: created.headers["etag"] });
		const replaced = await world.item(EU, "PUT", "a/b c", { body: "two" });
		expect(replaced.status).toBe(200);
		expect(replaced.headers["etag"]).not.toBe(created.headers["etag"]);
		expect(await world.item(EU, "GET", "a/b c")).toMatchObject({ text: "two", headers: { "content-type": "application/octet-stream" } });
		expect((await world.item(EU, "DELETE", "a/b c")).status).toBe(204);
		expect(await world.item(EU, "DELETE", "a/b c")).toMatchObject({ status: 404, json: { code: "item.not-found" } });
		expect(await world.item(EU, "GET", "a/b c")).toMatchObject({ status: 404, json: { code: "item.not-found" } });
		expect((await world.item(EU, "PUT", "a/b c", { body: "three" })).status).toBe(201);
	});

	it("say who served, at which epoch, over which replicas, under which request id", async () => {
		await world.fence(EU, { mode, epoch: 4, peers: ["us-east-1" as typeof EU] });
		const headers = { "x-heliotrope-request-id": "edge-request-1" };
		const answers = [
			await world.item(EU, "PUT", "k", { headers }),
			await world.item(EU, "GET", "k", { headers }),
			await world.item(EU, "GET", "none", { headers }),
			await world.call(EU, "GET", `/v1/partitions/${P}/items`, { headers }),
		];
		for (const answer of answers)
			expect(answer.headers).toMatchObject({
				"x-heliotrope-region": EU,
				"x-heliotrope-epoch": "4",
				"x-heliotrope-replicas": "eu-west-1,us-east-1",
				"x-heliotrope-request-id": "edge-request-1",
			});
	});

	it("take no content type that would end its header line: from a batch it need not come as a header", async () => {
		for (const contentType of ["a/b\r\nset-cookie: x=1", "a\u0000", "a\tb", "\u00e9/x"]) {
			const batch = await world.batch(EU, [{ method: "PUT", key: "k", body: "x", contentType }]);
			expect(batch).toMatchObject({ status: 400, json: { code: "request.invalid" } });
			expect(await world.item(EU, "PUT", "k", { headers: { "content-type": contentType } })).toMatchObject({ status: 400 });
		}
		expect((await world.item(EU, "GET", "k")).status).toBe(404);
	});

	it("heed preconditions", async () => {
		const made = await world.item(EU, "PUT", "k", { headers: { "if-none-match": "*" } });
		const etag = made.headers["etag"] ?? "";
		expect(made.status).toBe(201);
		const again = await world.item(EU, "PUT", "k", { headers: { "if-none-match": "*" } });
		expect(again).toMatchObject({ status: 412, json: { code: "precondition.failed" }, headers: { etag } });
		expect((await world.item(EU, "GET", "k", { headers: { "if-none-match": etag } })).status).toBe(304);
		expect((await world.item(EU, "GET", "k", { headers: { "if-none-match": `W/${etag}` } })).status).toBe(304);
		const typed = await world.item(EU, "GET", "k", { headers: { "if-none-match": etag } });
		expect(typed.headers["content-type"]).toBe("application/octet-stream");
		for (const among of [`"0-1",W/${etag}`, `W/"0-1" , W/${etag}`, "*"])
			expect((await world.item(EU, "GET", "k", { headers: { "if-none-match": among } })).status, among).toBe(304);
		for (const other of ['"1-1"', etag.replace("-", "W/-"), etag.replace('"', '"W/'), `w/${etag}`, etag.slice(1)])
			expect((await world.item(EU, "GET", "k", { headers: { "if-none-match": other } })).status, other).toBe(200);
		expect((await world.item(EU, "PUT", "k", { headers: { "if-match": `W/${etag}` } })).status).toBe(412);
		expect((await world.item(EU, "PUT", "k", { headers: { "if-match": '"1-1"' } })).status).toBe(412);
		expect((await world.item(EU, "DELETE", "k", { headers: { "if-match": '"1-1"' } })).status).toBe(412);
		expect((await world.item(EU, "PUT", "k", { headers: { "if-match": etag } })).status).toBe(200);
		expect((await world.item(EU, "PUT", "k", { headers: { "if-none-match": '"1-1"' } })).status).toBe(400);
		expect((await world.item(EU, "PUT", "k", { headers: { "if-none-match": "*", "if-match": "*" } })).status).toBe(400);
	});

	it("hold 256 KiB and not a byte more", async () => {
		expect((await world.item(EU, "PUT", "k", { body: new Uint8Array(256 * 1024) })).status).toBe(201);
		const refused = await world.item(EU, "PUT", "k", { body: new Uint8Array(256 * 1024 + 1) });
		expect(refused).toMatchObject({ status: 413, json: { code: "item.too-large", status: 413 } });
		expect(refused.headers["content-type"]).toBe("application/problem+json");
	});

	it("have keys of 1 to 512 bytes", async () => {
		expect((await world.item(EU, "PUT", "ü".repeat(256))).status).toBe(201);
		for (const key of ["ü".repeat(257), ""]) expect((await world.item(EU, "PUT", key)).json["code"]).toBe("item.key-invalid");
		const broken = await world.call(EU, "GET", `/v1/partitions/${P}/items/%E0%A4%A`);
		expect(broken.json["code"]).toBe("item.key-invalid");
		expect((await world.item(EU, "PUT", "..")).status).toBe(201);
		expect((await world.item(EU, "PUT", "%2F")).status).toBe(201);
		expect((await world.list(EU)).json["items"]).toMatchObject([{ key: "%2F" }, { key: ".." }, { key: "ü".repeat(256) }]);
	});

	it("refuse what the API does not know", async () => {
		const code = async (method: string, path: string) => (await world.call(EU, method, path)).json["code"];
		expect(await code("PATCH", `/v1/partitions/${P}/items/k`)).toBe("method.not-allowed");
		expect(await code("POST", `/v1/partitions/${P}/items`)).toBe("method.not-allowed");
		expect(await code("GET", `/v1/partitions/${P}/batch`)).toBe("method.not-allowed");
		expect(await code("GET", `/v1/partitions/${P}`)).toBe("path.unknown");
		expect(await code("GET", "/")).toBe("path.unknown");
		expect(await code("GET", "/v1/partitions/a%20b/items/k")).toBe("partition.invalid");
		expect((await world.list(EU, "limit=0")).json["code"]).toBe("request.invalid");
		expect((await world.list(EU, `prefix=${"x".repeat(513)}`)).json["code"]).toBe("request.invalid");
		expect((await world.item(EU, "DELETE", "k", { headers: { "if-none-match": "*" } })).json["code"]).toBe("request.invalid");
		expect((await world.list(EU, "limit=1001")).json["code"]).toBe("request.invalid");
		expect((await world.list(EU, "cursor=***")).json["code"]).toBe("cursor.invalid");
	});

	it("are listed over all buckets in byte order, by prefix, in pages", async () => {
		const keys = Array.from({ length: 25 }, (_, i) => `k${i}`).concat("a", "\uFF5E", "\u{1F600}");
		for (const key of keys) await world.item(EU, "PUT", key, { body: key });
		await world.item(EU, "DELETE", "k7");
		const seen: string[] = [];
		let cursor: unknown;
		do {
			const page = await world.list(EU, `prefix=k&limit=4${cursor === undefined ? "" : `&cursor=${cursor}`}`);
			const items = page.json["items"] as { key: string; size: number; etag: string }[];
			for (const { key, size } of items) expect(size).toBe(key.length);
			seen.push(...items.map(({ key }) => key));
			cursor = page.json["cursor"];
		} while (cursor !== undefined);
		expect(seen).toEqual(keys.filter((key) => key.startsWith("k") && key !== "k7").sort());
		const all = (await world.list(EU)).json["items"] as { key: string }[];
		expect(all.map(({ key }) => key).slice(-2)).toEqual(["\uFF5E", "\u{1F600}"]);
	});

	it("take batches, each operation for itself", async () => {
		const answer = await world.batch(EU, [
			{ method: "PUT", key: "a", body: "one" },
			{ method: "PUT", key: "a", body: "AAE=", encoding: "base64", contentType: "x/y" },
			{ method: "GET", key: "a" },
			{ method: "PUT", key: "a", body: "", ifNoneMatch: "*" },
			{ method: "DELETE", key: "none" },
			{ method: "DELETE", key: "a" },
		]);
		expect(answer.status).toBe(207);
		const outcomes = answer.json["outcomes"] as Record<string, unknown>[];
		expect(outcomes.map(({ status }) => status)).toEqual([201, 200, 200, 412, 404, 204]);
		expect(outcomes[2]).toMatchObject({ key: "a", body: "AAE=", contentType: "x/y" });
		expect(outcomes[3]).toMatchObject({ code: "precondition.failed" });
		expect((await world.batch(EU, [])).status).toBe(400);
		expect((await world.batch(EU, Array(26).fill({ method: "GET", key: "a" }))).status).toBe(400);
	});

	it("take no batch whose text cannot be kept as it was meant", async () => {
		const put = (body: string, encoding = "base64") => world.batch(EU, [{ method: "PUT", key: "b", body, encoding }]);
		for (const broken of ["!!!!", "A", "AAECA", "AA==AA", "AA EC", "AAEC\n", "===="])
			expect(await put(broken), broken).toMatchObject({ status: 400, json: { code: "request.invalid" } });
		for (const [text, code] of [
			["A".repeat(5_000_000), "item.too-large"],
			[`${"A".repeat(5_000_000)}!`, "request.invalid"],
		] as const)
			expect((await put(text)).json["code"]).toBe(code);
		expect(await put("\ud800", "utf8")).toMatchObject({ status: 400, json: { code: "request.invalid" } });
		const bytes = Buffer.concat([Buffer.from('{"operations":[{"method":"PUT","key":"b","body":"'), Buffer.of(0xff), Buffer.from('"}]}')]);
		expect((await world.call(EU, "POST", `/v1/partitions/${P}/batch`, { body: bytes })).json["code"]).toBe("request.invalid");
		expect((await world.item(EU, "GET", "b")).status).toBe(404);
		for (const [text, bodyBytes] of [
			["", 0],
			["AA==", 1],
			["AA", 1],
			["-_8=", 2],
			["+/8", 2],
		] as const) {
			expect(await put(text), text).toMatchObject({ status: 207 });
			expect((await world.list(EU, "prefix=b")).json["items"]).toMatchObject([{ size: bodyBytes }]);
		}
	});

	it("are not looked for by a prefix that is no UTF-8", async () => {
		for (const query of ["prefix=%FF", "limit=1&prefix=a%C3", "prefix=%ED%A0%80", "prefix=%zz", "prefix=%"])
			expect(await world.list(EU, query), query).toMatchObject({ status: 400, json: { code: "request.invalid" } });
		expect((await world.list(EU, "prefix=%E2%82%AC+x%2B")).status).toBe(200);
	});

	it("count a request once when its answer was lost on the way", async () => {
		const headers = { "x-heliotrope-request-id": "edge-request-9" };
		const first = await world.item(EU, "PUT", "k", { headers, body: "x" });
		const again = await world.item(EU, "PUT", "k", { headers, body: "x" });
		expect(again.headers["etag"]).toBe(first.headers["etag"]);
		expect(again.status).toBe(201);
	});
});
