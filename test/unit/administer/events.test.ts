import { beforeEach, describe, expect, it } from "vitest";
import { administer } from "#lambdas/administer/administer.ts";
import { FakePorts, IRELAND, NOW_MS, TOKYO } from "#test/unit/administer/fake-ports.ts";

let ports: FakePorts;
beforeEach(() => {
	ports = new FakePorts();
});

async function call(method: string, target: string, body?: unknown) {
	const url = new URL(`/admin/v1/${target}`, "http://admin.example");
	const request = { method, path: url.pathname, query: url.searchParams, body: body === undefined ? "" : JSON.stringify(body) };
	const response = await administer(ports, request, (error) => {
		throw error;
	});
	return { ...response, body: response.body as Record<string, unknown> };
}

const at = (hours: number): string => new Date(NOW_MS + hours * 3_600_000).toISOString();
const launch = { name: "Launch in Japan!", start: at(24), end: at(72), lift: { [TOKYO]: 20 } };

it("models are listed with the one in use", async () => {
	expect((await call("GET", "predictions/models")).body).toEqual({ inUse: { name: "built-in" }, models: [] });
	ports.inUse = { name: "m1", since: at(-1) };
	const kept = { decidedAt: at(-2), outcome: "kept", reason: "not-better-than-current", why: "so", inUse: "m1" } as const;
	ports.verdicts.push({ name: "m3", ...kept }, { name: "m2", ...kept });
	expect((await call("GET", "predictions/models?limit=1")).body).toMatchObject({ inUse: { name: "m1" }, models: [{ name: "m3" }] });
	expect(await call("GET", "predictions/models?limit=0")).toMatchObject({ status: 400 });
});

describe("events", () => {
	it("are declared, listed with their state, and deleted; declared again they are the same", async () => {
		const declared = await call("POST", "events", launch);
		expect(declared).toMatchObject({ status: 201, body: { name: launch.name, lift: { [TOKYO]: 20 } } });
		const eventId = String(declared.body["eventId"]);
		expect(eventId).toMatch(/^launch-in-japan-[a-z0-9]+$/);
		expect(await call("POST", "events", { ...launch, start: launch.start.replace("Z", "+00:00") })).toMatchObject({ status: 200 });
		await call("POST", "events", { ...launch, name: "now", start: at(-1), segments: ["office"], partitions: ["shop:*"] });
		expect((await call("GET", "events")).body["events"]).toMatchObject([
			{ eventId, state: "declared" },
			{ name: "now", state: "under-way", segments: ["office"] },
		]);
		expect(await call("DELETE", `events/${eventId}`)).toMatchObject({ status: 200, body: { deleted: true } });
		expect(await call("DELETE", `events/${eventId}`)).toMatchObject({ status: 404, body: { code: "event.unknown" } });
	});

	it("that are over are listed when asked for", async () => {
		ports.events.events.set("old", { eventId: "old", ...launch, start: at(-9), end: at(-1) });
		expect((await call("GET", "events")).body["events"]).toEqual([]);
		expect((await call("GET", "events?past=true")).body["events"]).toMatchObject([{ eventId: "old", state: "over" }]);
	});

	it.each([
		["no name", { ...launch, name: " " }, 400, "request.invalid-body"],
		["no lift", { ...launch, lift: {} }, 400, "request.invalid-body"],
		["no region", { ...launch, lift: { mars: 2 } }, 400, "request.invalid-body"],
		["a negative lift", { ...launch, lift: { [TOKYO]: -1 } }, 400, "request.invalid-body"],
		["a boundless lift", { ...launch, lift: { [TOKYO]: 1e9 } }, 400, "request.invalid-body"],
		["an end before its start", { ...launch, end: at(1) }, 400, "request.invalid-body"],
		["half a year", { ...launch, end: at(24 * 180) }, 400, "request.invalid-body"],
		["a time without a zone", { ...launch, start: "2024-01-03T00:00:00" }, 400, "request.invalid-body"],
		["a star in the middle", { ...launch, partitions: ["a*b"] }, 400, "request.invalid-body"],
		["an unknown field", { ...launch, colour: "red" }, 400, "request.invalid-body"],
		["a region that is not deployed", { ...launch, lift: { "sa-east-1": 2 } }, 422, "region.unknown"],
		["an end that has passed", { ...launch, start: at(-5), end: at(-1) }, 422, "event.over"],
	])("with %s are refused", async (_, body, status, code) => {
		expect(await call("POST", "events", body)).toMatchObject({ status, body: { code } });
		expect(ports.events.events.size).toBe(0);
	});

	it("of the same name and time that say something else, and more than a run can read, are conflicts", async () => {
		await call("POST", "events", launch);
		expect(await call("POST", "events", { ...launch, lift: { [IRELAND]: 2 } })).toMatchObject({
			status: 409,
			body: { code: "event.exists" },
		});
		for (let index = 0; index < 500; index += 1) await call("POST", "events", { ...launch, name: `event ${index}` });
		expect(await call("POST", "events", { ...launch, name: "one more" })).toMatchObject({ status: 409, body: { code: "event.too-many" } });
	});

	it("take no other method", async () => {
		expect(await call("PUT", "events", launch)).toMatchObject({ status: 405 });
	});
});
