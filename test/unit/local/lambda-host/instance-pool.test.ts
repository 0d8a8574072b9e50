import { describe, expect, test } from "vitest";
import { type Instance, InstancePool, PATIENCE_MS, PATIENCE_ON_FULL_MACHINE } from "#local/lambda-host/instance-pool.ts";
import fc from "#test/__helpers__/fast-check.ts";

interface Made extends Instance {
	readonly name: number;
	starting: boolean;
	busy: boolean;
	dead: boolean;
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A pool whose instances and timers are in the test's hand. */
function poolOf(limit = 10, isMachineFull = () => false) {
	const made: Made[] = [];
	let timer: { ms: number; act: () => void } | undefined;
	const pool = new InstancePool<Made>({
		limit,
		isMachineFull,
		create: () => {
			const instance = { name: made.length, starting: true, busy: false, dead: false };
			made.push(instance);
			return instance;
		},
		after: (ms, act) => {
			timer = { ms, act };
			return () => {
				timer = undefined;
			};
		},
	});
	const got: (number | undefined)[] = [];
	const ask = async (): Promise<void> => {
		void pool.acquire().then((instance) => got.push(instance?.name));
		await settled();
	};
	/** Lets the pool's patience end; false where it waits for nothing. */
	const loseThePatience = async (): Promise<boolean> => {
		const due = timer;
		timer = undefined;
		due?.act();
		await settled();
		return due !== undefined;
	};
	const release = async (name: number): Promise<void> => {
		pool.release(made[name] as Made);
		await settled();
	};
	return { pool, made, got, ask, loseThePatience, release, timer: () => timer?.ms };
}

describe("the instances of one code in one region", () => {
	test("a burst is served by the one that is warm, in the order in which it came", async () => {
		const { made, got, ask, release, loseThePatience } = poolOf();
		for (let n = 0; n < 4; n++) await ask();
		expect([got, made.length]).toEqual([[0], 1]);
		for (let n = 0; n < 3; n++) await release(0);
		expect([got, made.length]).toEqual([[0, 0, 0, 0], 1]);
		expect(await loseThePatience()).toBe(true);
		expect([made.length, await loseThePatience()]).toEqual([1, false]);
	});

	test("who has waited long enough gets one more, and the next one not before that one is ready", async () => {
		const { made, got, ask, timer, loseThePatience } = poolOf();
		for (let n = 0; n < 3; n++) await ask();
		expect(timer()).toBe(PATIENCE_MS);
		await loseThePatience();
		expect(made.length).toBe(1);
		(made[0] as Made).starting = false;
		await loseThePatience();
		expect(got).toEqual([0, 1]);
		await loseThePatience();
		expect(made.length).toBe(2);
		(made[1] as Made).starting = false;
		await loseThePatience();
		expect([got, timer()]).toEqual([[0, 1, 2], undefined]);
	});

	test("on a machine whose cores are all busy, who waits waits on, but not for ever", async () => {
		const machine = { full: true };
		const { made, got, ask, loseThePatience } = poolOf(10, () => machine.full);
		await ask();
		(made[0] as Made).starting = false;
		await ask();
		for (let n = 1; n < PATIENCE_ON_FULL_MACHINE; n++) await loseThePatience();
		expect([got, made.length]).toEqual([[0], 1]);
		await loseThePatience();
		expect(got).toEqual([0, 1]);
		(made[1] as Made).starting = false;
		await ask();
		await loseThePatience();
		machine.full = false;
		expect(made.length).toBe(2);
		await loseThePatience();
		expect(got).toEqual([0, 1, 2]);
	});

	test("what is busy with what was left for later is not given away before that is done", async () => {
		const { pool, made, got, ask, release } = poolOf();
		await ask();
		await ask();
		(made[0] as Made).busy = true;
		await release(0);
		expect(got).toEqual([0]);
		(made[0] as Made).busy = false;
		pool.advance();
		await settled();
		expect(got).toEqual([0, 0]);
	});

	test("where the last one goes, who waits has a new one at once", async () => {
		const { pool, made, got, ask } = poolOf();
		await ask();
		await ask();
		(made[0] as Made).dead = true;
		pool.remove(made[0] as Made);
		await settled();
		expect([got, made.length]).toEqual([[0, 1], 2]);
	});

	test("one that died while nobody had it is not given away", async () => {
		const { made, got, ask, release } = poolOf();
		await ask();
		await release(0);
		(made[0] as Made).dead = true;
		await ask();
		expect(got).toEqual([0, 1]);
	});

	test("too many, waiting or running, are refused", async () => {
		const { got, ask } = poolOf(2);
		for (let n = 0; n < 3; n++) await ask();
		expect(got).toEqual([0, undefined]);
	});

	test("a closed pool gives nothing, and has no timer", async () => {
		const { pool, made, got, ask, timer } = poolOf();
		await ask();
		await ask();
		expect(pool.close()).toEqual(made);
		await ask();
		expect([got, timer()]).toEqual([[0, undefined, undefined], undefined]);
	});

	test("nothing is given to two at once, nobody is left waiting, and no more are made than were wanted at once", async () => {
		const step = fc.record({ act: fc.constantFrom("ask", "release", "impatient", "ready", "die"), which: fc.nat(5) });
		await fc.assert(
			fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
				const { pool, made, loseThePatience } = poolOf(100);
				const held: Made[] = [];
				let [asked, served, most] = [0, 0, 0];
				const end = async (instance: Made | undefined, dies: boolean): Promise<void> => {
					if (instance === undefined) return;
					held.splice(held.indexOf(instance), 1);
					if (dies) {
						instance.dead = true;
						pool.remove(instance);
					} else pool.release(instance);
					await settled();
				};
				const ask = (): void => {
					asked += 1;
					void pool.acquire().then((instance) => {
						served += 1;
						expect(held).not.toContain(instance);
						held.push(instance as Made);
					});
				};
				for (const { act, which } of steps) {
					if (act === "ask") ask();
					if (act === "release" || act === "die") await end(held[which % Math.max(1, held.length)], act === "die");
					if (act === "impatient") await loseThePatience();
					for (const instance of act === "ready" ? made : []) instance.starting = false;
					await settled();
					most = Math.max(most, asked - served + held.length);
					expect(made.filter(({ dead }) => !dead).length).toBeLessThanOrEqual(most);
				}
				while (held.length > 0) await end(held[0], false);
				expect(served).toBe(asked);
			}),
		);
	});
});
