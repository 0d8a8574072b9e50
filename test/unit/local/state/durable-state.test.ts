import { afterEach, beforeEach, expect, test } from "vitest";
import { type DurableState, openDurableState } from "#local/state/durable-state.ts";
import { temporaryDirectory } from "#test/integration/local-cloud/fixture.ts";

let directory: ReturnType<typeof temporaryDirectory>;
let state: DurableState;

beforeEach(() => {
	directory = temporaryDirectory();
	state = openDurableState(directory.path);
});
afterEach(() => {
	state.close();
	directory.remove();
});

test("spaces hold values of their own, in key order, over close and open", () => {
	const clock = state.space<{ ms: number }>("clock");
	clock.set("b", { ms: 2 });
	clock.set("a", { ms: 0 });
	clock.set("a", { ms: 1 });
	state.space("other").set("a", null);
	state.close();
	state = openDurableState(directory.path);
	const reopened = state.space<{ ms: number }>("clock");
	expect(reopened.entries()).toEqual([
		["a", { ms: 1 }],
		["b", { ms: 2 }],
	]);
	expect(state.space("other").get("a")).toBeNull();
	reopened.delete("a");
	expect([reopened.get("a"), reopened.get("b")]).toEqual([undefined, { ms: 2 }]);
});

test("a write of several changes happens whole or not at all", () => {
	const circular: Record<string, unknown> = {};
	circular["self"] = circular;
	const space = state.space<number>("x");
	space.set("kept", 1);
	expect(() =>
		state.write([
			{ space: "x", key: "kept", value: 2 },
			{ space: "x", key: "bad", value: circular },
		]),
	).toThrow(TypeError);
	expect(space.entries()).toEqual([["kept", 1]]);
	state.write([
		{ space: "x", key: "kept", value: undefined },
		{ space: "y", key: "new", value: [3] },
	]);
	expect([space.entries(), state.space("y").get("new")]).toEqual([[], [3]]);
});

test("a directory is held until it is closed, which may be done twice", () => {
	expect(() => openDurableState(directory.path)).toThrowError(expect.objectContaining({ code: "startup.data-in-use" }));
	state.close();
	state.close();
	state = openDurableState(directory.path);
});
