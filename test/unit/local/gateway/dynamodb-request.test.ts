import { describe, expect, test } from "vitest";
import { isWrite, keysWritten, tablesNamed } from "#local/gateway/dynamodb-request.ts";

const body = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const key = (sk: string) => ({ pk: { S: "p" }, sk: { S: sk } });

describe("tables that a request names", () => {
	test("one, wherever it stands, by name or by ARN", () => {
		expect(tablesNamed("GetItem", body({ Key: key("a"), TableName: "data" }))).toEqual(["data"]);
		expect(tablesNamed("Query", body({ TableName: "arn:aws:dynamodb:us-east-1:0:table/data" }))).toEqual(["data"]);
	});

	test("not what merely looks so inside an item", () => {
		const tricky = { ...key("a"), TableName: { S: 'x","TableName":"y' }, other: { S: '"TableName":"z"' } };
		expect(tablesNamed("PutItem", body({ Item: tricky, TableName: "data" }))).toEqual(["data"]);
	});

	test("several, once each, and none", () => {
		const TransactItems = [{ Put: { TableName: "a" } }, { ConditionCheck: { TableName: "b" } }, { Delete: { TableName: "a" } }];
		expect(tablesNamed("TransactWriteItems", body({ TransactItems }))).toEqual(["a", "b"]);
		expect(tablesNamed("BatchGetItem", body({ RequestItems: { a: {}, b: {} } }))).toEqual(["a", "b"]);
		expect(tablesNamed("ListTables", body({}))).toEqual([]);
	});
});

describe("keys that a write may change", () => {
	test.each([
		["PutItem", { TableName: "t", Item: { ...key("a"), v: { N: "1" } } }, ["a"]],
		["UpdateItem", { TableName: "t", Key: key("a") }, ["a"]],
		["DeleteItem", { TableName: "t", Key: key("a") }, ["a"]],
		["BatchWriteItem", { RequestItems: { t: [{ PutRequest: { Item: key("a") } }, { DeleteRequest: { Key: key("b") } }] } }, ["a", "b"]],
		[
			"TransactWriteItems",
			{
				TransactItems: [
					{ Put: { TableName: "t", Item: key("a") } },
					{ ConditionCheck: { TableName: "t", Key: key("x") } },
					{ Update: { TableName: "t", Key: key("b") } },
					{ Delete: { TableName: "t", Key: key("c") } },
				],
			},
			["a", "b", "c"],
		],
		["PutItem", { TableName: "t", Item: { pk: { N: "1" }, sk: { S: "a" } } }, []],
	] as const)("%s", (operation, request, expected) => {
		expect(isWrite(operation)).toBe(true);
		expect(keysWritten(operation, body(request))).toEqual(expected.map((sk) => ({ table: "t", pk: "p", sk })));
	});

	test("reads change nothing", () => {
		for (const operation of ["GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems"]) expect(isWrite(operation)).toBe(false);
	});
});
