import middy from "@middy/core";
import type { APIGatewayProxyStructuredResultV2, Context, LambdaFunctionURLEvent } from "aws-lambda";
import { beforeEach, describe, expect, it } from "vitest";
import { type GuardedContext, type PartitionStore, partitionGuard, type Stale } from "#guard/index.ts";
import { REAL_TIME_LOG_FIELDS } from "#infra/description/event-sources.ts";
import { DataPlaneWorld, EU, functionUrlEvent, P, US } from "#test/__helpers__/data-plane-world.ts";

let world: DataPlaneWorld;
let recorded: (string | undefined)[];
let sent: Readonly<Record<string, string>>[];
beforeEach(async () => {
	world = await DataPlaneWorld.followed();
	[recorded, sent] = [[], []];
});

const EDGE_ID = "Hn0XG1c8Qw5-tHEhDCkWD5F7Yy9fQeKlw3cQ_cL0VfTzZb0o1A2B3C==";

/** The id in the answer of an application in the region that follows. */
async function idOf(given: string | undefined, stale: Stale = "serve"): Promise<unknown> {
	const handler = middy<LambdaFunctionURLEvent, APIGatewayProxyStructuredResultV2, Error, GuardedContext>()
		.use(
			partitionGuard({
				partition: () => P,
				stale,
				deps: world.depsOf(US),
				emit: (line) => void recorded.push(line.split("\t")[REAL_TIME_LOG_FIELDS.indexOf("x-edge-request-id")]),
				forward: async (_to, { headers }) => {
					sent.push(headers);
					return { status: 200, headers: {}, body: Buffer.alloc(0) };
				},
			}),
		)
		.handler(async (_event, { partition }: { partition: PartitionStore }) => {
			await partition.put("k", "v");
			return { statusCode: 204 };
		});
	const context = { getRemainingTimeInMillis: () => 10_000 } as Context as GuardedContext;
	const headers: Record<string, string> = given === undefined ? {} : { "x-heliotrope-request-id": given };
	return (await handler(functionUrlEvent("PUT", "/", "", headers, ""), context)).headers?.["x-heliotrope-request-id"];
}

describe("a guarded request", () => {
	it("keeps the id that the edge has given it: in the answer, the record and what is sent on", async () => {
		world.onForward = ({ headers }) => sent.push(headers);
		expect(await idOf(EDGE_ID)).toBe(EDGE_ID);
		expect(recorded).toEqual([EDGE_ID]);
		await idOf(EDGE_ID, "forward");
		expect(sent.map((headers) => headers["x-heliotrope-request-id"])).toEqual([`${EDGE_ID}.0`, EDGE_ID]);
		expect(await idOf(EDGE_ID, "reject")).toBe(EDGE_ID);
	});

	it.each([EDGE_ID, "12345678", "1234567", "x".repeat(128), "x".repeat(129), "with space", "tab\there", "ümlaut-id", ""])(
		"takes %j for an id where the data plane does",
		async (given) => {
			const answer = await world.item(EU, "GET", "k", { headers: { "x-heliotrope-request-id": given } });
			const taken = answer.headers["x-heliotrope-request-id"] === given;
			expect((await idOf(given)) === given).toBe(taken);
			expect(recorded).toEqual([taken ? given : expect.stringMatching(/^request-\d+$/)]);
		},
	);

	it("has an id of its own where none was given", async () => {
		expect(await idOf(undefined)).toMatch(/^request-\d+$/);
	});
});
