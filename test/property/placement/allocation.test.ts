import highsModule from "highs";
import { describe, expect, it } from "vitest";
import { allocate } from "#domain/placement/allocation/allocate.ts";
import { CompactProblem } from "#domain/placement/allocation/compact-problem.ts";
import { ascendPrices } from "#domain/placement/allocation/dual-ascent.ts";
import type { AllocationProblem } from "#domain/placement/allocation/problem.ts";
import { seededRandom } from "#domain/shared/seeded-random.ts";

/** A seed replays an instance; more of them on request. */
const INSTANCES = Number(process.env["HELIOTROPE_ALLOCATION_RUNS"] ?? 60);
const SEEDS = Array.from({ length: INSTANCES }, (_, seed) => seed);

/** Its types describe the module, not the function that it is. */
const loadHighs = highsModule as unknown as () => Promise<{
	solve(lp: string, options: object): { readonly Status: string; readonly ObjectiveValue: number };
}>;
const highs = await loadHighs();

type Random = () => number;

describe("allocate", () => {
	it("is within the limits and within 1 % of the saving of an exact solver", () => {
		for (const seed of SEEDS) {
			const problem = randomProblem(seededRandom(seed));
			const { chosen, costMs, boundMs } = allocate(problem);
			expect(
				usesOf(problem, chosen).every((used, at) => used <= (problem.limits[at] ?? 0) + 1e-6),
				`seed ${seed}: limits`,
			).toBe(true);
			expect(costMs, `seed ${seed}`).toBeCloseTo(costOf(problem, chosen), 6);
			const stayMs = costOf(
				problem,
				problem.items.map(() => 0),
			);
			const optimumMs = exactly(problem);
			expect(costMs, `seed ${seed}: at most the optimum's saving`).toBeGreaterThanOrEqual(optimumMs - 1e-5);
			expect(boundMs, `seed ${seed}: the bound bounds`).toBeLessThanOrEqual(optimumMs + 1e-5);
			const dual = ascendPrices(new CompactProblem(problem), stayMs, () => stayMs);
			expect(dual.boundMs, `seed ${seed}: what the prices prove`).toBeLessThanOrEqual(optimumMs + 1e-5);
			expect(stayMs - costMs, `seed ${seed}: saving`).toBeGreaterThanOrEqual(0.99 * (stayMs - optimumMs) - 1e-5);
		}
	});

	it("decides the same twice, and the same whatever other partitions are not concerned", () => {
		for (const seed of SEEDS.slice(0, 20)) {
			const problem = randomProblem(seededRandom(seed));
			expect(allocate(problem)).toEqual(allocate(problem));
		}
	});

	it("gives everybody the cheapest option where nothing is scarce, at no price", () => {
		for (const seed of SEEDS.slice(0, 20)) {
			const problem = randomProblem(seededRandom(seed));
			const plenty = { ...problem, limits: problem.limits.map(() => 1e9) };
			const { chosen, prices } = allocate(plenty);
			expect(costOf(plenty, chosen)).toBeCloseTo(
				plenty.items.reduce((sum, options) => sum + Math.min(...options.map(({ costMs }) => costMs)), 0),
				6,
			);
			expect(prices.every((price) => price === 0)).toBe(true);
		}
	});

	it("comes near its own bound with thousands of partitions", () => {
		const problem = randomProblem(seededRandom(7), 4_000);
		const { chosen, costMs, boundMs } = allocate(problem);
		const stayMs = costOf(
			problem,
			problem.items.map(() => 0),
		);
		expect(usesOf(problem, chosen).every((used, at) => used <= (problem.limits[at] ?? 0) + 1e-6)).toBe(true);
		expect(stayMs - costMs).toBeGreaterThanOrEqual(0.99 * (stayMs - boundMs));
	});
});

/** Partitions that may go to some regions (one unit of room each), with a budget of moves and one of bytes; some regions hold what may leave. */
function randomProblem(random: Random, size?: number): AllocationProblem {
	const items = size ?? 2 + Math.floor(random() * 14);
	const regions = 2 + Math.floor(random() * 4);
	const [moves, bytes] = [regions, regions + 1];
	const scarcity = 0.1 + random() * 0.6;
	const swaps = random() < 0.3;
	const homes = Array.from({ length: items }, () => Math.floor(random() * regions));
	const sizes = homes.map(() => Math.ceil(10 ** (random() * 4)));
	const limits = Array.from(
		{ length: regions },
		(_, at) => Math.floor(random() * scarcity * items) + (swaps ? homes.filter((home) => home === at).length : 0),
	);
	limits.push(Math.ceil(scarcity * items), sizes.reduce((sum, bytesOf) => sum + bytesOf, 0) * scarcity);
	return {
		limits,
		items: homes.map((home, item) => {
			const stayMs = 10 ** (1 + random() * 4);
			const stay = { costMs: stayMs, uses: swaps ? [{ resource: home, amount: 1 }] : [] };
			const others = Array.from({ length: regions }, (_, region) => ({
				costMs: stayMs * (0.1 + random() * 1.1) + 50,
				uses: [
					{ resource: region, amount: 1 },
					{ resource: moves, amount: 1 },
					{ resource: bytes, amount: sizes[item] ?? 0 },
				],
			}));
			return [stay, ...others.filter((_, region) => region !== home)];
		}),
	};
}

const costOf = ({ items }: AllocationProblem, chosen: readonly number[]): number =>
	items.reduce((sum, options, item) => sum + (options[chosen[item] ?? 0]?.costMs ?? Number.NaN), 0);

function usesOf({ items, limits }: AllocationProblem, chosen: readonly number[]): readonly number[] {
	const used = limits.map(() => 0);
	items.forEach((options, item) => {
		for (const { resource, amount } of options[chosen[item] ?? 0]?.uses ?? []) used[resource] = (used[resource] ?? 0) + amount;
	});
	return used;
}

/** The optimum, by HiGHS. */
function exactly({ items, limits }: AllocationProblem): number {
	const name = (item: number, option: number): string => `x${item}_${option}`;
	const all = items.flatMap((options, item) => options.map((option, at) => ({ ...option, name: name(item, at) })));
	const rows = limits.flatMap((limit, resource) => {
		const terms = all.flatMap(({ name: of, uses }) =>
			uses.filter((use) => use.resource === resource).map(({ amount }) => `${amount} ${of}`),
		);
		return terms.length === 0 ? [] : [`r${resource}: ${terms.join(" + ")} <= ${limit}`];
	});
	const once = items.map((options, item) => `i${item}: ${options.map((_, at) => name(item, at)).join(" + ")} = 1`);
	const lp = `Minimize\n obj: ${all.map(({ name: of, costMs }) => `${costMs} ${of}`).join(" + ")}\nSubject To\n ${[...rows, ...once].join("\n ")}\nBinary\n ${all.map((option) => option.name).join(" ")}\nEnd`;
	const solution = highs.solve(lp, { mip_rel_gap: 0, mip_abs_gap: 0 });
	expect(solution.Status).toBe("Optimal");
	return solution.ObjectiveValue;
}
