import middy, { type MiddlewareObj } from "@middy/core";
import type { APIGatewayProxyStructuredResultV2, Context, LambdaFunctionURLEvent } from "aws-lambda";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { type GuardedContext, type PartitionStore, partitionGuard } from "#guard/index.ts";
import { DataPlaneWorld, EU, functionUrlEvent, P, US } from "#test/__helpers__/data-plane-world.ts";

let world: DataPlaneWorld;
beforeEach(async () => {
	world = await DataPlaneWorld.followed();
});

const throttled = Object.assign(new Error("for stream arn:secret"), { name: "ProvisionedThroughputExceededException", code: "throttled" });

/** What a handler answers in the region that leads, whose access records go to `emit`. */
function answered(
	emit: (line: string) => Promise<void> | void,
	work: (store: PartitionStore) => Promise<APIGatewayProxyStructuredResultV2>,
	{ after, behind = {} }: { after?: () => void; behind?: MiddlewareObj<LambdaFunctionURLEvent> } = {},
): Promise<APIGatewayProxyStructuredResultV2> {
	const handler = middy<LambdaFunctionURLEvent, APIGatewayProxyStructuredResultV2, Error, GuardedContext>()
		.use({ before: () => undefined, ...(after !== undefined && { after }) })
		.use(partitionGuard({ partition: () => P, stale: "serve", deps: world.depsOf(EU), emit }))
		.use({ before: () => undefined, ...behind })
		.handler((_event, { partition }) => work(partition));
	const context = { getRemainingTimeInMillis: () => 10_000 } as Context as GuardedContext;
	return handler(functionUrlEvent("PUT", "/", "", {}, ""), context);
}

const written = async (store: PartitionStore) => {
	await store.put("k", "v");
	return { statusCode: 204 };
};

describe("an access record that cannot be emitted", () => {
	it.each([
		["rejects", () => Promise.reject(throttled)],
		[
			"throws",
			() => {
				throw throttled;
			},
		],
	])("leaves the answer as it is, is not tried again, and is logged by name and code, where emit %s", async (_, failing) => {
		const emit = vi.fn<(line: string) => Promise<void>>(failing);
		expect(await answered(emit, written)).toMatchObject({ statusCode: 204, headers: { "x-heliotrope-region": EU } });
		expect((await world.item(EU, "GET", "k")).text).toBe("v");
		expect(emit).toHaveBeenCalledTimes(1);
		expect(world.logs).toEqual([
			{
				level: "warn",
				event: "guard.access-not-recorded",
				region: EU,
				requestId: expect.any(String),
				name: "ProvisionedThroughputExceededException",
				code: "throttled",
			},
		]);
	});

	it("takes no problem's place, and no defect's", async () => {
		await world.fence(EU, { role: "follower", leader: US, epoch: 2 });
		world.unreachable.add(US);
		const emit = vi.fn(() => Promise.reject(throttled));
		expect(await answered(emit, written)).toMatchObject({ statusCode: 503, headers: { "retry-after": "1" } });
		await expect(answered(emit, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
		expect(emit).toHaveBeenCalledTimes(2);
	});
});

describe("an access record", () => {
	it("is emitted once, also where another middleware fails after the guard has", async () => {
		const emit = vi.fn();
		const after = (): void => {
			throw new Error("later");
		};
		await expect(answered(emit, written, { after })).rejects.toThrow("later");
		expect(emit).toHaveBeenCalledTimes(1);
	});
});

describe("a middleware behind the guard that refuses a request by throwing", () => {
	it("has its answer marked and recorded", async () => {
		const lines: string[] = [];
		const behind: MiddlewareObj<LambdaFunctionURLEvent> = {
			before: () => {
				throw new Error("not logged in");
			},
			onError: (request) => {
				request.response = { statusCode: 403 };
			},
		};
		const answer = await answered((line) => void lines.push(line), written, { behind });
		expect(answer).toMatchObject({ statusCode: 403, headers: { "x-heliotrope-request-id": expect.any(String) } });
		expect(lines).toEqual([expect.stringContaining("\t403\t")]);
	});
});

describe("an answer that a handler gives again and again", () => {
	it("is not written into", async () => {
		const shared: APIGatewayProxyStructuredResultV2 = Object.freeze({ statusCode: 204 });
		expect(
			await answered(
				() => {},
				async () => shared,
			),
		).toMatchObject({ headers: { "x-heliotrope-request-id": expect.any(String) } });
		expect(shared).toEqual({ statusCode: 204 });
	});
});
