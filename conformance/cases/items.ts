import { type Case, etagOf, expectEqual, expectProblem, expectServed, expectStatus, NotKept } from "#conformance/check.ts";

const MAX_BODY = 256 * 1024;
const about = { put: "PUT item", get: "GET item", delete: "DELETE item" };

/** `PUT`, `GET` and `DELETE /v1/partitions/{partition}/items/{key}`. */
export const ITEM_CASES: readonly Case[] = [
	{
		about: about.put,
		says: "201 creates, 200 replaces, each with another ETag",
		run: async ({ send, base, key }) => {
			const path = `${base}/items/${key("put")}`;
			const created = expectStatus(await send({ method: "PUT", path, body: "one" }), 201);
			expectServed(created);
			const replaced = expectStatus(await send({ method: "PUT", path, body: "two" }), 200);
			if (etagOf(created) === etagOf(replaced)) throw new NotKept("the ETag stayed the same");
			const read = expectStatus(await send({ method: "GET", path }), 200);
			expectServed(read);
			expectEqual("body", read.text, "two");
			expectEqual("ETag", etagOf(read), etagOf(replaced));
		},
	},
	{
		about: about.put,
		says: "keeps the Content-Type and every byte; application/octet-stream where none was given",
		run: async ({ send, base, key }) => {
			const path = `${base}/items/${key("types")}`;
			const body = Uint8Array.from({ length: 256 }, (_, i) => i);
			await send({ method: "PUT", path, body, headers: { "content-type": "image/x-any; q=1" } });
			const read = expectStatus(await send({ method: "GET", path }), 200);
			expectEqual("content-type", read.headers["content-type"], "image/x-any; q=1");
			expectEqual("body", Buffer.from(read.body).toString("hex"), Buffer.from(body).toString("hex"));
			await send({ method: "PUT", path, body });
			expectEqual("content-type", (await send({ method: "GET", path })).headers["content-type"], "application/octet-stream");
		},
	},
	{
		about: about.put,
		says: "takes 256 KiB, and refuses one byte more with 413 item.too-large",
		run: async ({ send, base, key }) => {
			const path = `${base}/items/${key("size")}`;
			expectProblem(await send({ method: "PUT", path, body: new Uint8Array(MAX_BODY + 1) }), 413, "item.too-large");
			expectProblem(await send({ method: "GET", path }), 404, "item.not-found");
			expectStatus(await send({ method: "PUT", path, body: new Uint8Array(MAX_BODY) }), 201);
			expectEqual("bytes", (await send({ method: "GET", path })).body.byteLength, MAX_BODY);
			expectStatus(await send({ method: "PUT", path, body: "" }), 200);
			expectEqual("bytes", (await send({ method: "GET", path })).body.byteLength, 0);
		},
	},
	{
		about: about.put,
		says: "If-None-Match: * writes where there is nothing, else 412 with the ETag that is there",
		run: async ({ send, base, key }) => {
			const path = `${base}/items/${key("absent")}`;
			const put = { method: "PUT", path, body: "x", headers: { "if-none-match": "*" } };
			const created = expectStatus(await send(put), 201);
			expectEqual("ETag", etagOf(expectProblem(await send(put), 412, "precondition.failed")), etagOf(created));
			expectProblem(await send({ ...put, headers: { "if-none-match": '"1-1"' } }), 400, "request.invalid");
		},
	},
	{
		about: about.put,
		says: "If-Match writes over that version, else 412; not together with If-None-Match",
		run: async ({ send, base, key }) => {
			const path = `${base}/items/${key("match")}`;
			const put = (headers: Record<string, string>) => send({ method: "PUT", path, body: "x", headers });
			expectProblem(await put({ "if-match": "*" }), 412, "precondition.failed");
			const first = etagOf(await put({}));
			const second = etagOf(expectStatus(await put({ "if-match": `"0-0", ${first}` }), 200));
			expectProblem(await put({ "if-match": first }), 412, "precondition.failed");
			expectProblem(await put({ "if-match": `W/${second}` }), 412, "precondition.failed");
			expectStatus(await put({ "if-match": "*" }), 200);
			expectProblem(await put({ "if-match": "*", "if-none-match": "*" }), 400, "request.invalid");
		},
	},
	{
		about: about.get,
		says: "404 where there is nothing; 304 with the ETag where If-None-Match names it, weakly too",
		run: async ({ send, base, key }) => {
			const path = `${base}/items/${key("get")}`;
			await send({ method: "PUT", path: `${base}/items/${key("get-other")}`, body: "x" });
			expectProblem(await send({ method: "GET", path }), 404, "item.not-found");
			const tag = etagOf(await send({ method: "PUT", path, body: "x" }));
			for (const known of [tag, `W/${tag}`, `"0-0", ${tag}`, "*"]) {
				const answer = expectStatus(await send({ method: "GET", path, headers: { "if-none-match": known } }), 304);
				expectEqual("ETag", etagOf(answer), tag);
				expectEqual("bytes", answer.body.byteLength, 0);
			}
			expectStatus(await send({ method: "GET", path, headers: { "if-none-match": '"0-0"' } }), 200);
		},
	},
	{
		about: about.delete,
		says: "204, then 404; If-Match of another version 412",
		run: async ({ send, base, key }) => {
			const path = `${base}/items/${key("delete")}`;
			await send({ method: "PUT", path, body: "x" });
			expectProblem(await send({ method: "DELETE", path, headers: { "if-match": '"0-0"' } }), 412, "precondition.failed");
			expectEqual("bytes", expectStatus(await send({ method: "DELETE", path }), 204).body.byteLength, 0);
			expectProblem(await send({ method: "DELETE", path }), 404, "item.not-found");
			expectProblem(await send({ method: "GET", path }), 404, "item.not-found");
			expectStatus(await send({ method: "PUT", path, body: "again" }), 201);
		},
	},
	{
		about: "{key}",
		says: "1 to 512 bytes of UTF-8, percent-encoded, slashes and dots among them",
		run: async ({ send, base }) => {
			const names = [
				"a/b",
				"a//b/",
				".",
				"..",
				"../x",
				"%",
				"ключ",
				"\u{1F33B}",
				"a b+c&d=e?f#g",
				"\u0001",
				"k".repeat(512),
				"é".repeat(256),
			];
			for (const name of names) {
				const path = `${base}/items/${encodeURIComponent(name).replaceAll(".", "%2E")}`;
				expectStatus(await send({ method: "PUT", path, body: name }), 201, 200);
				expectEqual(`item ${JSON.stringify(name.slice(0, 20))}`, (await send({ method: "GET", path })).text, name);
			}
			for (const bad of ["k".repeat(513), encodeURIComponent(`${"é".repeat(256)}x`)])
				expectProblem(await send({ method: "PUT", path: `${base}/items/${bad}` }), 400, "item.key-invalid");
			// The edge may refuse what is no percent-encoding at all, before anybody knows that it is a key.
			for (const broken of ["%ff", "%zz", "%"]) expectStatus(await send({ method: "PUT", path: `${base}/items/${broken}` }), 400);
		},
	},
	{
		about: "{partition}",
		says: "1 to 128 of A-Z a-z 0-9 . _ ~ : -, else 400",
		run: async ({ send }) => {
			for (const bad of ["a%2Fb", "a%20b", "%C3%A4", "x".repeat(129), "a%00", "a%2523b", "%EF%BC%A1"])
				expectProblem(await send({ method: "GET", path: `/v1/partitions/${bad}/items/k` }), 400, "partition.invalid");
			expectStatus(await send({ method: "GET", path: "/v1/nothing" }), 404);
			const unknown = await send({ method: "GET", path: `/v1/partitions/never-written-${Date.now()}/items/k` });
			// A token that is bound to other partitions does not learn whether this one exists.
			if (unknown.status === 403) expectProblem(unknown, 403, "auth.partition-denied");
			else expectProblem(unknown, 404, "partition.unknown");
		},
	},
	{
		about: "methods",
		says: "405 with Allow for others",
		run: async ({ send, base, key }) => {
			for (const [method, path, allow] of [
				["PATCH", `${base}/items/${key("x")}`, "GET, PUT, DELETE"],
				["PUT", `${base}/items`, "GET"],
				["DELETE", `${base}/batch`, "POST"],
			] as const) {
				const answer = expectProblem(await send({ method, path }), 405, "method.not-allowed");
				expectEqual("Allow", answer.headers["allow"], allow);
			}
		},
	},
];
