import { describe, expect, it } from "vitest";
import { VirtualClock } from "#local/clock/virtual-clock.ts";
import fc from "#test/__helpers__/fast-check.ts";

const jumping = (startMs = 0): VirtualClock => new VirtualClock({ startMs, speed: Number.POSITIVE_INFINITY });

describe("virtual clock", () => {
	it("fires timers in the order of their instants, equal ones in the order of asking (property)", async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 40 }), async (delays) => {
				const clock = jumping(1000);
				const fired: { index: number; atMs: number }[] = [];
				await Promise.all(
					delays.map(
						(delay, index) =>
							new Promise<void>((resolve) => {
								clock.at(1000 + delay, "test", async () => {
									fired.push({ index, atMs: clock.nowMs() });
									resolve();
								});
							}),
					),
				);
				clock.stop();
				const expected = delays.map((delay, index) => ({ index, atMs: 1000 + delay })).sort((a, b) => a.atMs - b.atMs || a.index - b.index);
				expect(fired).toEqual(expected);
			}),
			{ numRuns: 50 },
		);
	});

	it("stands still while an activity runs, however long the wall takes", async () => {
		const clock = jumping();
		const activity = clock.begin("working");
		let fired = false;
		clock.at(5, "timer", async () => {
			fired = true;
		});
		await new Promise((resolve) => setTimeout(resolve, 20));
		expect(fired).toBe(false);
		expect(clock.nowMs()).toBe(0);
		activity.end();
		await clock.sleep(10);
		expect(fired).toBe(true);
		clock.stop();
	});

	it("advances by the sleep of the only activity, and by no more", async () => {
		const clock = jumping();
		const activity = clock.begin("sleeper");
		await activity.sleep(250);
		expect(clock.nowMs()).toBe(250);
		activity.end();
		clock.stop();
	});

	it("does not advance while one part of an activity works and another sleeps", async () => {
		const clock = jumping();
		const activity = clock.begin("parallel");
		let slept = false;
		const sleeper = activity.sleep(100).then(() => {
			slept = true;
		});
		await activity.during(async () => {
			await new Promise((resolve) => setTimeout(resolve, 20));
			expect(slept).toBe(false);
			expect(clock.nowMs()).toBe(0);
		});
		await sleeper;
		expect(clock.nowMs()).toBe(100);
		activity.end();
		clock.stop();
	});

	it("runs sleeping activities one at a time, so that the order of their effects repeats", async () => {
		const run = async (): Promise<string[]> => {
			const clock = jumping();
			const effects: string[] = [];
			const worker = (name: string, stepMs: number): Promise<void> =>
				new Promise((resolve) => {
					clock.at(0, name, async (activity) => {
						for (let step = 0; step < 20; step += 1) {
							await activity.sleep(stepMs);
							await new Promise((r) => setImmediate(r));
							effects.push(`${name}${step}@${clock.nowMs()}`);
						}
						resolve();
					});
				});
			await Promise.all([worker("a", 7), worker("b", 5), worker("c", 11)]);
			clock.stop();
			return effects;
		};
		expect(await run()).toEqual(await run());
	});

	it("cancels a timer", async () => {
		const clock = jumping();
		let fired = false;
		const cancel = clock.at(5, "never", async () => {
			fired = true;
		});
		cancel();
		await clock.sleep(10);
		expect(fired).toBe(false);
		clock.stop();
	});
});
