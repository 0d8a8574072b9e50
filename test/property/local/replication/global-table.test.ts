import { describe, expect, test } from "vitest";
import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import { VirtualClock } from "#local/clock/virtual-clock.ts";
import { EngineLostError, type EngineReply } from "#local/engines/engine-client.ts";
import { VirtualNetwork } from "#local/network/virtual-network.ts";
import { GlobalTableReplicator } from "#local/replication/global-table.ts";
import { compareWriteTimes, nextWriteTime, type WriteTime } from "#local/replication/write-time.ts";
import { openDurableState } from "#local/state/durable-state.ts";
import fc from "#test/__helpers__/fast-check.ts";
import { temporaryDirectory } from "#test/integration/local-cloud/fixture.ts";
import { FakeEngine } from "#test/property/local/replication/fake-engine.ts";

const REGIONS = ["us-east-1", "eu-west-1", "ap-south-1"].map(regionId);
const region = fc.constantFrom(...REGIONS);
const at = { region, key: fc.constantFrom("a", "b"), gapMs: fc.oneof(fc.integer({ min: 1, max: 150 }), fc.integer({ min: 1, max: 2500 })) };

const step = fc.oneof(
	{ weight: 6, arbitrary: fc.record({ kind: fc.constant("put" as const), ...at }) },
	{ weight: 2, arbitrary: fc.record({ kind: fc.constant("delete" as const), ...at }) },
	{ weight: 2, arbitrary: fc.record({ kind: fc.constant("refused" as const), ...at }) },
	{ weight: 2, arbitrary: fc.record({ kind: fc.constant("lost" as const), ...at, applied: fc.boolean() }) },
	{ weight: 2, arbitrary: fc.record({ kind: fc.constant("crash" as const), ...at, applied: fc.boolean() }) },
	fc.record({ kind: fc.constant("away" as const), region, calls: fc.integer({ min: 1, max: 4 }) }),
	fc.record({ kind: fc.constant("cut" as const), region, other: region, seconds: fc.integer({ min: 1, max: 20 }) }),
	fc.record({ kind: fc.constant("delay" as const), region, seconds: fc.integer({ min: 0, max: 20 }) }),
	fc.record({ kind: fc.constant("restart" as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type WriteStep = Extract<Step, { readonly key: string }>;

const ok: EngineReply = { status: 200, headers: {}, body: Buffer.from("{}") };
const refused: EngineReply = { status: 400, headers: {}, body: Buffer.from("{}") };

class World {
	readonly directory = temporaryDirectory();
	readonly state = openDurableState(this.directory.path);
	readonly clock = new VirtualClock({ startMs: 1_000_000, speed: Number.POSITIVE_INFINITY });
	readonly network = new VirtualNetwork(this.clock, (from, to) => (from === to ? 0 : 80));
	readonly engine = new FakeEngine();
	/** Key -> value of the last write that happened; undefined for a delete. */
	readonly last = new Map<string, string | undefined>();
	replicator = this.create();
	#values = 0;

	create(): GlobalTableReplicator {
		const { clock, network, engine, state } = this;
		return new GlobalTableReplicator({ clock, network, engine, state, regions: REGIONS, delayMs: 500, log: () => {} });
	}

	async restart(): Promise<void> {
		const before = this.replicator;
		this.replicator = this.create();
		await Promise.all([before.stop(), this.replicator.start().catch(() => {})]);
	}

	/** The engine does the write, and the test remembers that it happened. */
	apply({ region, key, kind }: WriteStep): void {
		this.#values += 1;
		const value = kind === "delete" ? undefined : `v${this.#values}`;
		this.engine.put(region, key, value);
		this.last.set(key, value);
	}

	async write(step: WriteStep): Promise<void> {
		const keys = [{ table: "t", pk: step.key, sk: "record" }];
		let crashed = (): void => {};
		const crash = new Promise<void>((resolve) => {
			crashed = resolve;
		});
		const forward = async (): Promise<EngineReply> => {
			if (step.kind === "refused") return refused;
			if (!("applied" in step) || step.applied) this.apply(step);
			if (step.kind === "lost") throw new EngineLostError(step.region, "lost");
			if (step.kind !== "crash") return ok;
			crashed();
			return new Promise<never>(() => {});
		};
		const written = this.replicator.write(step.region, keys, forward).catch(() => {});
		await Promise.race([written, crash]);
		if (step.kind === "crash") await this.restart();
	}

	async run(step: Step): Promise<void> {
		if (step.kind === "cut") this.network.cut(step.region, step.other, step.seconds * 1000);
		else if (step.kind === "away") this.engine.away(step.region, step.calls);
		else if (step.kind === "delay") this.replicator.delay(step.region, step.seconds);
		else if (step.kind === "restart") await this.restart();
		else await this.write(step);
	}

	async settle(): Promise<void> {
		this.engine.back();
		await this.restart();
		await this.clock.whenIdle();
		await this.replicator.drained();
	}

	close(): void {
		this.clock.stop();
		this.state.close();
		this.directory.remove();
	}
}

async function play(steps: readonly Step[], gapMs: (step: WriteStep) => number): Promise<World> {
	const world = new World();
	await world.replicator.start();
	const activity = world.clock.begin("test");
	for (const step of steps) {
		if ("gapMs" in step) await activity.sleep(gapMs(step));
		await world.run(step);
	}
	activity.end();
	await world.settle();
	return world;
}

const valuesOf = (world: World, key: string) => REGIONS.map((region) => world.engine.peek(region, key)?.["value"]);

describe("a global table", () => {
	test("converges to the last write, whatever is lost, cut, delayed, refused or crashes meanwhile", async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
				const world = await play(steps, (write) => write.gapMs);
				try {
					for (const [key, value] of world.last) {
						expect(valuesOf(world, key)).toEqual(REGIONS.map(() => (value === undefined ? undefined : { S: value })));
					}
					expect(world.replicator.pending()).toBe(0);
				} finally {
					world.close();
				}
			}),
			{ numRuns: 80 },
		);
	});

	test("converges when regions write in the same millisecond", async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
				const world = await play(steps, (write) => (write.gapMs % 3 === 0 ? 400 : 0));
				try {
					for (const key of world.last.keys()) expect(new Set(valuesOf(world, key).map((v) => JSON.stringify(v))).size).toBe(1);
				} finally {
					world.close();
				}
			}),
			{ numRuns: 40 },
		);
	});
});

describe("write times", () => {
	const time = fc.record({ ms: fc.integer({ min: 0, max: 5 }), n: fc.integer({ min: 0, max: 3 }), region });

	test("are totally ordered", () => {
		fc.assert(
			fc.property(time, time, time, (a: WriteTime, b: WriteTime, c: WriteTime) => {
				expect(Math.sign(compareWriteTimes(a, b))).toBe(-Math.sign(compareWriteTimes(b, a)) + 0);
				if (compareWriteTimes(a, b) <= 0 && compareWriteTimes(b, c) <= 0) expect(compareWriteTimes(a, c)).toBeLessThanOrEqual(0);
				if (compareWriteTimes(a, b) === 0) expect(a).toEqual(b);
			}),
		);
	});

	test("grow over what is held, even when the clock stands or goes back", () => {
		fc.assert(
			fc.property(time, region, fc.integer({ min: 0, max: 8 }), (held: WriteTime, writer: RegionId, nowMs) => {
				expect(compareWriteTimes(nextWriteTime(nowMs, writer, held), held)).toBeGreaterThan(0);
			}),
		);
	});
});
