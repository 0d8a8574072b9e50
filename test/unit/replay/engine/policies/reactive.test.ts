import { describe, expect, it } from "vitest";
import type { Account } from "#replay/engine/accounting/account.ts";
import { playReactive } from "#replay/engine/policies/reactive.ts";
import { DEFAULT_REACTIVE_RULE } from "#replay/engine/policies/reactive-grid.ts";
import { createWorld } from "#replay/engine/world.ts";
import { FIRST_HOUR, RTT_MS, settingsOf, traceOf } from "#test/property/replay/engine/traces.ts";

/** The hours at whose beginning copies are there. */
class Moves implements Account {
	readonly hours: number[] = [];
	serve(): void {}
	copied(_partition: number, hour: number): void {
		this.hours.push(hour - FIRST_HOUR);
	}
	transferred(): void {}
}

describe("playReactive", () => {
	// one access from where the copy is, then one an hour from elsewhere: after k of them, z = (k - 1) / (2 sqrt k) * sqrt(k + 1 + 2),
	// 0.8, 1.4, 1.98, 2.5, 3.1 from k = 2 on; a decision after hour k is in force at k + 2
	it.each([
		[0, 4],
		[1, 5],
		[2, 7],
		[3, 8],
	])("waits with z > %d for hour %d", (minZScore, hour) => {
		const list = Array.from({ length: 12 }, (_, at) => ({ hour: at, partition: "a:x", region: at === 0 ? 0 : 1, count: 1 }));
		const world = createWorld(traceOf(list), settingsOf({ copies: 1 }), RTT_MS);
		const moves = new Moves();
		playReactive(world, { ...DEFAULT_REACTIVE_RULE, setMemoryHours: 8760, setThreshold: 0, minZScore }, moves);
		expect(moves.hours).toEqual([hour]);
	});
});
