import { DynamoDBDocumentClient, GetCommand, PutCommand, paginateQuery, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { documentClient } from "#adapters/dynamodb/document-client.ts";
import { engineAvailable, startEngine, type TestEngine } from "#test/__helpers__/engine.ts";

const TABLE = "documents";

/** What both clients must answer alike. */
function testClient(name: string, make: (engine: TestEngine, translate?: object) => DynamoDBDocumentClient): void {
	describe.skipIf(!engineAvailable)(name, () => {
		let engine: TestEngine;
		let client: DynamoDBDocumentClient;
		beforeAll(async () => {
			engine = await startEngine();
			await engine.createTable(TABLE);
			client = make(engine, { marshallOptions: { removeUndefinedValues: true } });
		});
		afterAll(() => engine.stop());

		const put = (pk: string, more: object) => client.send(new PutCommand({ TableName: TABLE, Item: { pk, sk: "s", ...more } }));
		const get = async (pk: string) => (await client.send(new GetCommand({ TableName: TABLE, Key: { pk, sk: "s" } }))).Item;

		it("answers every one of many calls at once with what it asked for, and translates both ways", async () => {
			const value = (n: number) => ({ n, list: [n, { deep: `v${n}` }], set: new Set([`a${n}`]), nothing: undefined, none: null });
			await Promise.all(Array.from({ length: 30 }, (_, n) => put(`p${n}`, value(n))));
			const read = await Promise.all(Array.from({ length: 30 }, (_, n) => get(`p${n}`)));
			const { nothing: _, ...kept } = value(7);
			expect(read[7]).toEqual({ pk: "p7", sk: "s", ...kept });
			expect(read.map((item) => item?.["n"])).toEqual(Array.from({ length: 30 }, (_unused, n) => n));
		});

		it("keeps the kinds of commands apart, and goes on after a refusal", async () => {
			await put("one", { n: 1 });
			const update = (seen: number) =>
				client.send(
					new UpdateCommand({
						TableName: TABLE,
						Key: { pk: "one", sk: "s" },
						UpdateExpression: "SET n = n + :one",
						ConditionExpression: "n = :seen",
						ExpressionAttributeValues: { ":one": 1, ":seen": seen },
						ReturnValues: "ALL_NEW",
					}),
				);
			expect((await update(1)).Attributes).toMatchObject({ n: 2 });
			await expect(update(1)).rejects.toMatchObject({ name: "ConditionalCheckFailedException" });
			expect((await update(2)).Attributes).toMatchObject({ n: 3 });
			expect(await get("one")).toMatchObject({ n: 3 });
		});

		it("reads page by page, and stops where it is told to", async () => {
			for (const sk of ["a", "b", "c"]) await client.send(new PutCommand({ TableName: TABLE, Item: { pk: "pages", sk } }));
			const query = {
				TableName: TABLE,
				Limit: 1,
				KeyConditionExpression: "pk = :pk",
				ExpressionAttributeValues: { ":pk": "pages" },
			};
			const seen: unknown[] = [];
			for await (const page of paginateQuery({ client }, { ...query })) seen.push(...(page.Items ?? []).map(({ sk }) => sk));
			expect(seen).toEqual(["a", "b", "c"]);
			const signal = AbortSignal.abort();
			await expect(client.send(new QueryCommand(query), { abortSignal: signal })).rejects.toMatchObject({ name: "AbortError" });
			expect((await client.send(new QueryCommand(query))).Count).toBe(1);
		});
	});
}

testClient("lib-dynamodb's client", (engine, translate) => DynamoDBDocumentClient.from(engine.client(), translate));
testClient("documentClient", (engine, translate) => documentClient(engine.client(), translate));

it.skipIf(!engineAvailable)("sorts the steps of a kind of command once", async () => {
	const engine = await startEngine();
	try {
		await engine.createTable(TABLE);
		const below = engine.client();
		let sorted = 0;
		below.middlewareStack.add(
			(next) => {
				sorted += 1;
				return next;
			},
			{ step: "build" },
		);
		const client = documentClient(below);
		for (const pk of ["a", "b", "c"]) {
			await client.send(new PutCommand({ TableName: TABLE, Item: { pk, sk: "s" } }));
			await client.send(new GetCommand({ TableName: TABLE, Key: { pk, sk: "s" } }));
		}
		expect(sorted).toBe(2);
	} finally {
		await engine.stop();
	}
});
