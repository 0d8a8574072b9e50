import { describe, expect, it } from "vitest";
import { exceeds } from "#domain/migration/exceeds.ts";
import { type CanaryObservation, judgeCanary, MIN_REQUESTS } from "#domain/migration/judge-canary.ts";
import { EVIDENCE_DELAY_MS, MIGRATION_SETTINGS } from "#domain/migration/settings.ts";
import { bucketIndexOf, type LatencyHistogram, samplesIn } from "#domain/partition-state/latency-histogram.ts";
import { NOTHING_SERVED, type Served, SLICE_MS } from "#domain/partition-state/window.ts";
import { ACCESS_LOG_MAPPING } from "#infra/description/event-sources.ts";
import fc from "#test/__helpers__/fast-check.ts";

const limits = MIGRATION_SETTINGS.abort;
const served = (latency: LatencyHistogram, errors = 0): Served => ({ ...NOTHING_SERVED, requests: samplesIn(latency), errors, latency });
const all = (requests: number, ms: number, errors = 0): Served => served({ [bucketIndexOf(ms)]: requests }, errors);
const seen = (more: Partial<CanaryObservation>): CanaryObservation => ({
	target: all(100, 20),
	leader: all(100, 20),
	divergences: 0,
	stalenessMs: 0,
	...more,
});
const latency = fc.dictionary(fc.integer({ min: 0, max: 67 }).map(String), fc.integer({ min: 1, max: 500 }), { minKeys: 1, maxKeys: 20 });

describe("exceeds", () => {
	it("agrees with the binomial distribution summed up term by term", () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(60), fc.double({ min: 0.001, max: 0.9, noNaN: true }), (trials, some, share) => {
				const hits = Math.min(some, trials);
				let tail = 0;
				for (let k = hits; k <= trials; k++) tail += choose(trials, k) * share ** k * (1 - share) ** (trials - k);
				if (Math.abs(tail - 0.01) < 1e-4) return;
				expect(exceeds(hits, trials, share)).toBe(hits > trials * share && tail < 0.01);
			}),
		);
	});

	it("grows with the hits, and is never true at the share itself, however many trials", () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 2_000_000 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(), (trials, share, more) => {
				const hits = Math.floor(trials * share);
				expect(exceeds(hits, trials, share)).toBe(false);
				const [few, many] = [more % (trials + 1), Math.min(trials, (more % (trials + 1)) + 7)];
				if (exceeds(few, trials, share)) expect(exceeds(many, trials, share)).toBe(true);
			}),
		);
		expect(exceeds(20_000, 1_000_000, 0.01)).toBe(true);
	});
});

describe("judgeCanary", () => {
	it("never cancels with no error and the leader's own latencies, scaled to however few clients", () => {
		fc.assert(
			fc.property(latency, fc.integer({ min: 1, max: 5 }), (histogram, copies) => {
				const leader = served(Object.fromEntries(Object.entries(histogram).map(([index, count]) => [index, count * copies])));
				expect(judgeCanary(seen({ target: served(histogram), leader }), limits).kind).not.toBe("breach");
			}),
		);
	});

	it("never cancels for errors that the leader's other clients meet as often", () => {
		fc.assert(
			fc.property(fc.integer({ min: MIN_REQUESTS, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }), (requests, share) => {
				const target = all(requests, 20, Math.floor(requests * share));
				const leader = all(requests, 20, Math.ceil(requests * share));
				expect(judgeCanary(seen({ target, leader }), limits).kind).toBe("healthy");
			}),
		);
	});

	it("gets no milder when more fails, is slower, diverges or lags", () => {
		const observation = fc.record({ errors: fc.nat(100), slow: fc.nat(100), divergences: fc.nat(2), stalenessMs: fc.nat(9000) });
		const observed = ({ errors, slow, divergences, stalenessMs }: typeof observation extends fc.Arbitrary<infer T> ? T : never) =>
			seen({ target: served({ [bucketIndexOf(20)]: 101 - slow, [bucketIndexOf(5000)]: slow + 1 }, errors), divergences, stalenessMs });
		fc.assert(
			fc.property(observation, observation, (a, b) => {
				const worse = {
					errors: Math.max(a.errors, b.errors),
					slow: Math.max(a.slow, b.slow),
					divergences: Math.max(a.divergences, b.divergences),
					stalenessMs: Math.max(a.stalenessMs, b.stalenessMs),
				};
				if (judgeCanary(observed(a), limits).kind === "breach") expect(judgeCanary(observed(worse), limits).kind).toBe("breach");
			}),
		);
	});

	it.each([
		["errors beyond chance", { target: all(100, 20, 10) }, "10 of 100 requests failed"],
		["slowness beyond chance", { target: served({ [bucketIndexOf(20)]: 90, [bucketIndexOf(900)]: 10 }) }, "10 of 100 answers took longer"],
		["a single divergence, however little else is known", { target: NOTHING_SERVED, divergences: 1 }, "1 answers of the leader"],
		["a copy that is behind", { stalenessMs: limits.maxStalenessMs + 1 }, "5001 ms behind"],
	])("is breached by %s", (_what, more, words) => {
		expect(judgeCanary(seen(more), limits)).toMatchObject({ kind: "breach", reason: expect.stringContaining(words) });
	});

	it.each([
		["an error or two", { target: all(100, 20, 2) }, "healthy"],
		["every bound itself", { target: all(100, 20, 1), divergences: limits.maxDivergences, stalenessMs: limits.maxStalenessMs }, "healthy"],
		["a handful of failures", { target: all(5, 20, 5) }, "too-little-evidence"],
		["nothing at all", { target: NOTHING_SERVED, leader: NOTHING_SERVED }, "too-little-evidence"],
	])("is not breached by %s", (_what, more, kind) => {
		expect(judgeCanary(seen(more), limits).kind).toBe(kind);
	});

	it("allows the detour through the target, and measures by the past where the present says nothing", () => {
		const slow = { target: all(100, 300), leader: all(100, 20) };
		expect(judgeCanary(seen(slow), limits).kind).toBe("breach");
		expect(judgeCanary(seen(slow), { ...limits, latencyAllowanceMs: 300 }).kind).toBe("healthy");
		const alone = { target: all(100, 300), leader: NOTHING_SERVED };
		expect(judgeCanary(seen(alone), limits).kind).toBe("healthy");
		expect(judgeCanary(seen(alone), { ...limits, baselineP99Ms: 20 }).kind).toBe("breach");
	});
});

it("evidence is waited for at least as long as batching and slicing may hold it back", () => {
	expect(EVIDENCE_DELAY_MS).toBeGreaterThan(ACCESS_LOG_MAPPING.batchingWindowSeconds * 1000);
	expect(EVIDENCE_DELAY_MS).toBeGreaterThan(SLICE_MS);
});

function choose(n: number, k: number): number {
	let result = 1;
	for (let i = 1; i <= k; i++) result = (result * (n - k + i)) / i;
	return result;
}
