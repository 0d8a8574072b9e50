import { describe, expect, it } from "vitest";
import { AP, US } from "#test/__helpers__/data-plane-world.ts";
import { ParkingWorld, type Planted, REFS } from "./parking-world.ts";

const FIRST_SEED = Number(process.env["HELIOTROPE_SIMULATION_SEED"] ?? 1);
const RUNS = 40;
const STEPS = 15;

/** A law is broken. */
class Broken extends Error {
	override name = "Broken";
}

/** The laws, looked at whenever nothing is under way. @throws Broken */
async function holdLaws(world: ParkingWorld): Promise<void> {
	for (const region of [US, AP]) {
		for (const { ref, key, atMs } of await world.missing(region)) {
			const what = `${region} lacks ${key} of ${ref.partition}`;
			if (!world.isOwed(ref, key)) throw new Broken(`${what}, and nobody owes it`);
			if (((await world.feed(region).read(ref)) ?? 0) >= atMs) throw new Broken(`${what}, and its feed has said otherwise`);
		}
	}
}

/** The laws once everything is over. @throws Broken */
async function holdLawsOfTheEnd(world: ParkingWorld): Promise<void> {
	for (const region of [US, AP]) if ((await world.missing(region)).length > 0) throw new Broken(`${region} never got everything`);
	const left = [...world.parked.buckets.values()].reduce((sum, keys) => sum + keys.size, 0) + world.parked.listed.size;
	if (left > 0) throw new Broken("something stays parked although every follower has it");
}

/** Peers go and come, invocations die between any two operations, sweeps and deliveries overlap; then everything heals. */
async function run(seed: number, planted?: Planted): Promise<ParkingWorld> {
	const world = new ParkingWorld(seed, planted);
	const { random } = world;
	await world.lead();
	world.crashRate = [0, 0.01, 0.03][Math.floor(random() * 3)] ?? 0;
	world.lossRate = random() * 0.6;
	const keys = 1 + Math.floor(random() * 3);
	for (let step = 0; step < STEPS; step++) {
		for (const region of [US, AP]) {
			if (random() < 0.2) world.cut[random() < 0.5 ? "add" : "delete"](region);
			for (const { partition } of REFS) if (random() < 0.1) world.refusing[random() < 0.5 ? "add" : "delete"](`${partition} ${region}`);
		}
		const feed = async () => {
			for (let round = 0; round < 3; round++) {
				for (const ref of REFS) if (random() < 0.4) await world.write(ref, `k${Math.floor(random() * keys)}`);
				await world.deliver();
			}
		};
		const sweeps = [random() < 0.4 && world.sweep(), random() < 0.1 && world.sweep(), random() < 0.3 && world.sweepReturned()];
		await Promise.all([feed(), ...sweeps]);
		await holdLaws(world);
	}
	world.crashRate = 0;
	world.lossRate = 0;
	world.cut.clear();
	world.refusing.clear();
	while (world.shard.length > 0) await world.deliver();
	// Whichever comes first brings everything.
	await (seed % 2 === 0 ? world.sweep() : world.sweepReturned());
	await holdLawsOfTheEnd(world);
	return world;
}

const PLANTED = [
	"acknowledge-before-parking",
	"release-whatever-is-there",
	"take-the-bucket-off-the-list",
	"report-past-what-is-parked",
] as const satisfies readonly Planted[];

describe("parking, with peers that are cut off or refuse and invocations that die", () => {
	it(`owes whatever a follower lacks, and says nothing else of its age (seeds ${FIRST_SEED} to ${FIRST_SEED + RUNS - 1})`, async () => {
		const sum = { parked: 0, crashes: 0, batches: 0, released: 0 };
		for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed++) {
			const { counts } = await run(seed).catch((error: unknown) => expect.fail(`seed ${seed}: ${String(error)}`));
			for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += counts[name];
		}
		// the worlds really were hostile
		expect(sum.parked).toBeGreaterThan(RUNS / 2);
		expect(sum.released).toBeGreaterThan(RUNS / 2);
		expect(sum.crashes).toBeGreaterThan(RUNS / 2);
	});

	it.each(PLANTED)("notices when a rule is taken away: %s", async (planted) => {
		const noticed = async (seed: number) =>
			run(seed, planted).then(
				() => false,
				(error: unknown) => {
					if (error instanceof Broken) return true;
					throw error;
				},
			);
		let found = false;
		for (let seed = 1; !found && seed <= 200; seed++) found = await noticed(seed);
		expect(found).toBe(true);
	});
});

describe("a partition that cannot be carried", () => {
	it("holds up no other on the same shard, and is mended when the peer is back", async () => {
		const world = new ParkingWorld(7);
		await world.lead();
		const [stuck, other] = REFS;
		if (stuck === undefined || other === undefined) throw new Error("two partitions");
		world.refusing.add(`${stuck.partition} ${US}`);
		for (let i = 0; i < 60; i++) await world.write(i % 2 === 0 ? stuck : other, `k${i}`);
		// Bounded: a shard that waits for the stuck partition would never get past its first record.
		for (let deliveries = 0; world.shard.length > 0 && deliveries < 200; deliveries++) await world.deliver();
		expect(world.shard).toHaveLength(0);
		const lacks = async () => new Set((await world.missing(US)).map(({ ref }) => ref.partition));
		expect([await lacks(), await world.missing(AP)]).toEqual([new Set([stuck.partition]), []]);
		world.refusing.clear();
		await world.sweep();
		expect([await lacks(), world.parked.listed.size]).toEqual([new Set(), 0]);
	});
});
