import { expect, test } from "vitest";
import { MachineLoad } from "#local/lambda-host/machine-load.ts";

/** Two cores, of which so many were busy since the look before, each `ms` long. */
function looks(...each: readonly (readonly [ms: number, busyCores: number])[]): readonly boolean[] {
	const at = { nowMs: 0, idle: 0, total: 0 };
	const load = new MachineLoad(
		() => at.nowMs,
		() => ({ idle: at.idle, total: at.total }),
	);
	load.isFull();
	return each.map(([ms, busyCores]) => {
		at.nowMs += ms;
		at.total += 2 * ms;
		at.idle += (2 - busyCores) * ms;
		return load.isFull();
	});
}

test("a machine is full while its cores are all busy", () => {
	expect(looks([200, 2], [200, 1.9], [200, 1.5], [200, 0], [200, 2])).toEqual([true, true, false, false, true]);
});

test("a look that comes too soon says what the last one said", () => {
	expect(looks([50, 2], [60, 2], [50, 0], [60, 0])).toEqual([false, true, true, false]);
});

test("what was long ago says nothing of now", () => {
	expect(looks([1001, 2], [200, 2])).toEqual([false, true]);
});

test("the machine's own cores are read", () => {
	const load = new MachineLoad();
	expect([load.isFull(), typeof load.isFull()]).toEqual([false, "boolean"]);
});
