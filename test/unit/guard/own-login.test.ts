import middy from "@middy/core";
import type { APIGatewayProxyStructuredResultV2, Context, LambdaFunctionURLEvent } from "aws-lambda";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { Forward } from "#domain/ports/forward.ts";
import { type GuardedContext, type PartitionStore, partitionGuard, type Stale } from "#guard/index.ts";
import { createAccessControl } from "#lambdas/serve-data/access.ts";
import { DataPlaneWorld, EU, functionUrlEvent, P, US } from "#test/__helpers__/data-plane-world.ts";

const nobody = () => Promise.reject(new Error("no token is looked at"));
const closed = createAccessControl({ mode: "closed" }, nobody);

/** An application in two regions that lets callers in by itself; the data planes, `access`, know nothing of that. */
class OwnLogin {
	/** The regions whose handler has run, in order. */
	readonly served: RegionId[] = [];
	readonly world: DataPlaneWorld;
	readonly #stale: Stale;
	/** Before the handler's operation. */
	meanwhile: () => Promise<void> = async () => {};

	constructor(stale: Stale, residency?: ConstructorParameters<typeof DataPlaneWorld>[1]) {
		this.world = new DataPlaneWorld([EU, US], residency);
		this.world.access = closed;
		this.#stale = stale;
	}

	/** Makes a region the leader, as a migration does. */
	async lead(leader: RegionId, epoch: number): Promise<void> {
		const follower = leader === EU ? US : EU;
		await this.world.fence(leader, { epoch, peers: [follower] });
		await this.world.fence(follower, { role: "follower", leader, epoch, peers: [leader] });
		this.world.record({ leader, followers: [follower], epoch });
		for (const region of [EU, US]) this.world.depsOf(region).fences.forget([0, 1].map((bucket) => ({ partition: P, bucket })));
	}

	/** Writes an item through the application in one region. */
	async write(region: RegionId, headers: Record<string, string> = { cookie: "login=ann" }) {
		const { statusCode, body = "" } = await this.#invoke(region, headers);
		const text = Buffer.from(body, "base64").toString("utf8");
		return { status: statusCode, problem: (text === "" ? {} : JSON.parse(text)) as { code?: string; detail?: string } };
	}

	#invoke(region: RegionId, headers: Record<string, string>): Promise<APIGatewayProxyStructuredResultV2> {
		const forward: Forward = async (to, request) => {
			const { statusCode = 0, headers: told, body = "" } = await this.#invoke(to, { ...request.headers });
			const named = Object.fromEntries(Object.entries(told ?? {}).map(([name, value]) => [name, String(value)]));
			return { status: statusCode, headers: named, body: Buffer.from(body, "base64") };
		};
		const handler = middy<LambdaFunctionURLEvent, APIGatewayProxyStructuredResultV2, Error, GuardedContext>()
			.use(partitionGuard({ partition: () => P, stale: this.#stale, deps: this.world.depsOf(region), emit: () => {}, forward }))
			.handler(async ({ headers: { cookie } }, { partition }: { partition: PartitionStore }) => {
				if (cookie === undefined) return { statusCode: 401 };
				this.served.push(region);
				await this.meanwhile();
				await partition.put("k", "v");
				return { statusCode: 204 };
			});
		const context = { getRemainingTimeInMillis: () => 10_000 } as Context as GuardedContext;
		return handler(functionUrlEvent("PUT", "/", "", headers, ""), context);
	}
}

describe("an application with a login of its own, whose data planes let nobody in", () => {
	it("that forwards requests is answered by the application where the partition is led, before a move and after it", async () => {
		const app = new OwnLogin("forward");
		await app.lead(EU, 1);
		for (const region of [EU, US]) expect((await app.write(region)).status).toBe(204);
		await app.lead(US, 2);
		for (const region of [EU, US]) expect((await app.write(region)).status).toBe(204);
		expect(app.served).toEqual([EU, EU, US, US]);
		expect((await app.write(EU, {})).status).toBe(401);
		expect(app.world.forwards).toEqual([]);
	});

	it("that forwards requests says 503 where the partition moves beneath one, and the repetition is answered", async () => {
		const app = new OwnLogin("forward");
		await app.lead(EU, 1);
		app.meanwhile = () => app.lead(US, 2);
		expect(await app.write(EU)).toMatchObject({ status: 503, problem: { code: "partition.unsettled" } });
		app.meanwhile = async () => {};
		expect((await app.write(EU)).status).toBe(204);
		expect(app.served).toEqual([EU, US]);
	});

	it("that forwards requests creates a partition where its residency allows it", async () => {
		const app = new OwnLogin("forward", () => [EU]);
		expect((await app.write(US)).status).toBe(204);
		expect(app.served).toEqual([EU]);
		expect(app.world.metadata.control.get(P)).toMatchObject({ leader: EU });
	});

	it("that sends operations on is told what to do instead, when the partition has moved", async () => {
		const app = new OwnLogin("serve");
		await app.lead(EU, 1);
		expect((await app.write(EU)).status).toBe(204);
		await app.lead(US, 2);
		const refused = await app.write(EU);
		expect(refused).toMatchObject({ status: 403, problem: { code: "auth.not-configured" } });
		expect(refused.problem.detail).toMatch(/give partitionGuard `application`.*"Applications with a login of their own"/);
	});
});

describe("partitionGuard", () => {
	const deployed = { ACCESS: '{"mode":"closed"}', REGIONS: `${EU},${US}` };
	const guard = (options: object) => () => partitionGuard({ partition: () => P, ...options });
	beforeEach(() => {
		for (const [name, value] of Object.entries(deployed)) vi.stubEnv(name, value);
	});
	afterEach(() => void vi.unstubAllEnvs());

	it("refuses to send operations to data planes that let nobody in, as the environment says", () => {
		expect(guard({})).toThrow(TypeError);
		expect(guard({})).toThrow(/ACCESS.*closed.*give partitionGuard `application`/);
	});

	it.each<[string, object, Record<string, string>]>([
		["requests are forwarded", { application: { [EU]: "https://eu", [US]: "https://us" } }, {}],
		["requests are refused", { stale: "reject" }, {}],
		["there is one region", {}, { REGIONS: EU }],
		["everybody is let in", {}, { ACCESS: '{"mode":"off"}' }],
		["the environment says nothing", {}, { ACCESS: "", REGIONS: "" }],
		["ACCESS is none", {}, { ACCESS: "{" }],
		["another host gives what it works with", { deps: new DataPlaneWorld([EU]).depsOf(EU) }, {}],
	])("does not where %s", (_, options, environment) => {
		for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
		expect(guard(options)).not.toThrow();
	});
});
