import { describe, expect, it } from "vitest";
import { seededRandom } from "#domain/shared/seeded-random.ts";
import { CONTEXTS, contextOf, type GatedWeights, PoolMixer } from "#predictor/models/gated-pool.ts";
import { FIT_SETTINGS, fitGatedPool, type WindowSet } from "#predictor/training/fit-gated-pool.ts";

const EXPERTS = 3;
const REGIONS = 4;

/** Expert 1 knows in context 0, expert 2 knows in all others; expert 0 never does. */
function windows(size: number): WindowSet {
	const random = seededRandom(7);
	const forecasts = new Float32Array(size * EXPERTS * REGIONS);
	const outcomes = new Float32Array(size * REGIONS);
	const contexts = new Uint8Array(size);
	for (let window = 0; window < size; window += 1) {
		const truth = Math.floor(random() * REGIONS);
		contexts[window] = Math.floor(random() * CONTEXTS);
		const knows = contexts[window] === 0 ? 1 : 2;
		for (let expert = 0; expert < EXPERTS; expert += 1) {
			const guess = expert === knows && random() < 0.9 ? truth : Math.floor(random() * REGIONS);
			for (let region = 0; region < REGIONS; region += 1)
				forecasts[(window * EXPERTS + expert) * REGIONS + region] = region === guess ? 0.7 : 0.1;
		}
		outcomes[window * REGIONS + truth] = 1 + Math.floor(random() * 3);
	}
	return { experts: EXPERTS, regions: REGIONS, size, forecasts, outcomes, contexts };
}

function logLoss(set: WindowSet, weights: GatedWeights): number {
	const mixer = new PoolMixer(set.regions);
	const forecast = new Float64Array(set.regions);
	let loss = 0;
	let accesses = 0;
	for (let window = 0; window < set.size; window += 1) {
		mixer.mix(set.forecasts, window * EXPERTS * REGIONS, weights, set.contexts[window] ?? 0, forecast);
		expect(forecast.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
		for (let region = 0; region < REGIONS; region += 1) {
			const count = set.outcomes[window * REGIONS + region] ?? 0;
			loss -= count * Math.log(forecast[region] ?? 0);
			accesses += count;
		}
	}
	return loss / accesses;
}

const even: GatedWeights = {
	experts: EXPERTS,
	linearShare: new Float64Array(CONTEXTS).fill(0.5),
	linear: new Float64Array(CONTEXTS * EXPERTS).fill(1 / EXPERTS),
	log: new Float64Array(CONTEXTS * EXPERTS).fill(1 / EXPERTS),
};

describe("fitGatedPool", () => {
	const set = windows(6_000);
	const fitted = fitGatedPool(set, { ...FIT_SETTINGS, epochs: 20 });

	it("trusts in each context the expert that knows there", () => {
		for (let context = 0; context < CONTEXTS; context += 1) {
			const exponents = [...fitted.log.subarray(context * EXPERTS, (context + 1) * EXPERTS)];
			expect(exponents.indexOf(Math.max(...exponents))).toBe(context === 0 ? 1 : 2);
		}
	});

	it("forecasts better than all experts alike", () => {
		expect(logLoss(set, fitted)).toBeLessThan(logLoss(set, even) - 0.2);
	});

	it("fits the same windows to the same weights", () => {
		const again = fitGatedPool(set, { ...FIT_SETTINGS, epochs: 20 });
		expect([...again.log, ...again.linear, ...again.linearShare]).toEqual([...fitted.log, ...fitted.linear, ...fitted.linearShare]);
	});

	it("keeps shares shares", () => {
		for (let context = 0; context < CONTEXTS; context += 1) {
			const shares = [...fitted.linear.subarray(context * EXPERTS, (context + 1) * EXPERTS)];
			expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
			expect(Math.min(...shares, fitted.linearShare[context] ?? 0)).toBeGreaterThanOrEqual(0);
		}
	});
});

describe("contextOf", () => {
	it("tells ages apart at its bounds", () => {
		expect([0, 6, 7, 30, 31, 168, 169, 1e6].map(contextOf)).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
	});
});

describe("PoolMixer", () => {
	it("mixes the same whether experts are held or not", () => {
		const set = windows(50);
		const [plain, held] = [new PoolMixer(REGIONS), new PoolMixer(REGIONS)];
		const [one, other] = [new Float64Array(REGIONS), new Float64Array(REGIONS)];
		for (let window = 0; window < set.size; window += 1) {
			const at = window * EXPERTS * REGIONS;
			plain.mix(set.forecasts, at, even, 1, one);
			held.hold(set.forecasts, at, even, 1, 2);
			held.mixHeld(set.forecasts, at, even, 1, 2, other);
			expect([...other]).toEqual([...one].map((share) => expect.closeTo(share, 12)));
		}
	});
});
