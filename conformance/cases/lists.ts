import { type Api, type Case, expectEqual, expectProblem, expectServed, expectStatus, NotKept } from "#conformance/check.ts";

const about = { list: "GET items", batch: "POST batch" };

interface ListBody {
	readonly items: readonly { readonly key: string; readonly etag: string; readonly size: number }[];
	readonly cursor?: string;
}

const list = async ({ send, base }: Api, query: string): Promise<ListBody> =>
	expectStatus(await send({ method: "GET", path: `${base}/items?${query}` }), 200).json as unknown as ListBody;

const NAMES = ["a", "b", "b/1", "b/2", "b\u{1F600}", "b\uFFFD", "c", "é", "Z"].map((name) => `list-${name}`);
const inByteOrder = (names: readonly string[]): string[] => names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

async function fill({ send, base }: Api): Promise<void> {
	for (const name of NAMES) await send({ method: "PUT", path: `${base}/items/${encodeURIComponent(name)}`, body: name });
}

/** Lists and batches of a partition. */
export const LIST_CASES: readonly Case[] = [
	{
		about: about.list,
		says: "{items:[{key,etag,size}]} in byte order, by prefix",
		run: async (api) => {
			await fill(api);
			const all = await list(api, "prefix=list-");
			expectEqual(
				"keys",
				all.items.map(({ key }) => key),
				inByteOrder(NAMES),
			);
			expectEqual(
				"sizes",
				all.items.map(({ size }) => size),
				inByteOrder(NAMES).map((name) => Buffer.byteLength(name)),
			);
			const first = all.items[0];
			const read = await api.send({ method: "GET", path: `${api.base}/items/${encodeURIComponent(first?.key ?? "")}` });
			expectEqual("etag", first?.etag, read.headers["etag"]);
			expectServed(await api.send({ method: "GET", path: `${api.base}/items` }));
			expectEqual(
				"keys",
				(await list(api, "prefix=list-b%2F")).items.map(({ key }) => key),
				["list-b/1", "list-b/2"],
			);
			expectEqual("items", (await list(api, "prefix=nothing-like-it")).items, []);
		},
	},
	{
		about: about.list,
		says: "pages of limit, the cursor goes on where the page ended, the last page has none",
		run: async (api) => {
			await fill(api);
			const keys: string[] = [];
			let cursor: string | undefined;
			do {
				const page: ListBody = await list(api, `prefix=list-&limit=2${cursor === undefined ? "" : `&cursor=${cursor}`}`);
				if (page.items.length > 2) throw new NotKept("the page is longer than its limit");
				keys.push(...page.items.map(({ key }) => key));
				({ cursor } = page);
			} while (cursor !== undefined);
			expectEqual("keys", keys, inByteOrder(NAMES));
		},
	},
	{
		about: about.list,
		says: "400 for a limit out of range, a prefix that is no UTF-8, and for a cursor that was not given out for this list",
		run: async (api) => {
			await fill(api);
			for (const limit of ["0", "1001", "-1", "ten", "1.5"])
				expectProblem(await api.send({ method: "GET", path: `${api.base}/items?limit=${limit}` }), 400, "request.invalid");
			expectProblem(await api.send({ method: "GET", path: `${api.base}/items?prefix=%FF` }), 400, "request.invalid");
			const { cursor = "" } = await list(api, "prefix=list-&limit=1");
			const changed = `${cursor.slice(0, 3)}${cursor[3] === "A" ? "B" : "A"}${cursor.slice(4)}`;
			for (const query of [`prefix=list-&cursor=${changed}`, `prefix=list&cursor=${cursor}`, `cursor=${cursor}`, "cursor=AAAA", "cursor="])
				expectProblem(await api.send({ method: "GET", path: `${api.base}/items?${query}` }), 400, "cursor.invalid");
		},
	},
	{
		about: about.batch,
		says: "207 with one outcome an operation, in their order, each for itself",
		run: async ({ send, base, key }) => {
			const name = decodeURIComponent(key("batch"));
			const operations = [
				{ method: "PUT", key: name, body: "text", contentType: "text/plain" },
				{ method: "GET", key: name },
				{ method: "PUT", key: name, body: "x", ifNoneMatch: "*" },
				{ method: "PUT", key: `${name}-2`, body: "AAEC", encoding: "base64" },
				{ method: "DELETE", key: `${name}-none` },
				{ method: "DELETE", key: name },
			];
			const answer = expectStatus(await send({ method: "POST", path: `${base}/batch`, body: JSON.stringify({ operations }) }), 207);
			expectServed(answer);
			const outcomes = answer.json["outcomes"] as { status: number; key: string; body?: string; code?: string }[];
			expectEqual(
				"statuses",
				outcomes.map(({ status }) => status),
				[201, 200, 412, 201, 404, 204],
			);
			expectEqual(
				"keys",
				outcomes.map((one) => one.key),
				operations.map((one) => one.key),
			);
			expectEqual("body read", outcomes[1]?.body, Buffer.from("text").toString("base64"));
			expectEqual(
				"codes",
				outcomes.flatMap(({ code }) => code ?? []),
				["precondition.failed", "item.not-found"],
			);
			const bytes = (await send({ method: "GET", path: `${base}/items/${key("batch")}-2` })).body;
			expectEqual("bytes", Buffer.from(bytes).toString("hex"), "000102");
		},
	},
	{
		about: about.batch,
		says: "at most 25 operations, taken whole or not at all",
		run: async ({ send, base, key }) => {
			const name = decodeURIComponent(key("batch-whole"));
			const batch = (body: string) => send({ method: "POST", path: `${base}/batch`, body });
			const operation = { method: "PUT", key: name, body: "x" };
			expectProblem(await batch(JSON.stringify({ operations: Array(26).fill(operation) })), 400, "request.invalid");
			expectProblem(await batch(JSON.stringify({ operations: [operation, { method: "PUT", key: "" }] })), 400, "request.invalid");
			expectProblem(await batch(JSON.stringify({ operations: [operation, { method: "GET", key: "" }] })), 400, "item.key-invalid");
			for (const text of [{ body: "AAE!", encoding: "base64" }, { body: "\ud800" }])
				expectProblem(await batch(JSON.stringify({ operations: [{ ...operation, ...text }] })), 400, "request.invalid");
			for (const body of ["", "{", "[]", '{"operations":[]}', '{"operations":{}}', "null"])
				expectProblem(await batch(body), 400, "request.invalid");
			expectProblem(await send({ method: "GET", path: `${base}/items/${key("batch-whole")}` }), 404, "item.not-found");
		},
	},
];
