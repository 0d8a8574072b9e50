import { describe, expect, it } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { Target } from "#domain/placement/choose-placement.ts";
import { type Decision, DecisionReason } from "#domain/placement/decision.ts";
import { type Candidate, grantMoves, type MoveLimits } from "#domain/placement/grant-moves.ts";
import { isHeldOut } from "#domain/placement/holdout.ts";
import fc from "#test/__helpers__/fast-check.ts";

const REGIONS = ["us-east-1", "eu-west-1", "ap-northeast-1"].map(regionId);

const target = fc
	.record({
		target: fc.constantFrom(...REGIONS),
		savingMs: fc.integer({ min: 1, max: 200 }),
		benefitMs: fc.integer({ min: 1, max: 10_000 }),
		zScore: fc.constant(3),
	})
	.map((one) => ({ ...one, adds: [one.target] }));

/** A partition that wants to move for a saving, has to, or stays. */
const candidate = fc.record({
	name: fc.integer({ min: 0, max: 1e6 }),
	targets: fc.uniqueArray(target, { maxLength: 3, selector: (one) => one.target }),
	kind: fc.constantFrom("saving", "saving", "saving", "demanded", "stay"),
	bytes: fc.integer({ min: 0, max: 1_000 }),
});

const candidates: fc.Arbitrary<readonly Candidate[]> = fc
	.uniqueArray(candidate, { maxLength: 12, selector: ({ name }) => name })
	.map((all) => all.map(({ name, targets, kind, bytes }) => candidateOf(`p${name}`, kind, targets, bytes)));

function candidateOf(name: string, kind: string, targets: readonly Target[], bytes = 0): Candidate {
	const sorted = [...targets].sort((a, b) => b.benefitMs - a.benefitMs);
	const base = { decisionId: name, partition: partitionId(name), decidedAt: "2024-03-04T05:02:00.000Z", alternatives: [], settings: {} };
	if (kind === "demanded")
		return { decision: { ...base, verdict: "move", reason: DecisionReason.Residency, target: REGIONS[0] as never }, targets: [], bytes };
	const best = sorted[0];
	return kind === "stay" || best === undefined
		? { decision: { ...base, verdict: "stay", reason: DecisionReason.AlreadyBest }, targets: [], bytes }
		: { decision: { ...base, verdict: "move", reason: DecisionReason.Saving, ...best }, targets: sorted, bytes };
}

const limits: fc.Arbitrary<MoveLimits> = fc.record({
	maxMoves: fc.integer({ min: 0, max: 12 }),
	maxTransfers: fc.constant(0),
	maxBytes: fc.option(fc.integer({ min: 0, max: 4_000 }), { nil: undefined }),
	room: fc
		.array(fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }), { minLength: 3, maxLength: 3 })
		.map((rooms) => new Map(rooms.flatMap((room, at) => (room === undefined ? [] : [[REGIONS[at] as (typeof REGIONS)[number], room]])))),
}) as never;

const holds = (law: (given: readonly Candidate[], limit: MoveLimits, decided: readonly Decision[]) => void): void =>
	fc.assert(
		fc.property(candidates, limits, (given, limit) => law(given, limit, grantMoves(given, limit))),
		{ numRuns: 300, verbose: true },
	);

const isSaving = ({ verdict, reason }: Decision): boolean => verdict === "move" && reason === DecisionReason.Saving;

describe("granting moves", () => {
	it("keeps moves for a saving within the moves, the bytes and the room of a run", () => {
		holds((given, { maxMoves, maxBytes, room }, decided) => {
			expect(decided.filter(({ verdict }) => verdict === "move").length).toBeLessThanOrEqual(maxMoves);
			const bytes = (wanted: (decision: Decision) => boolean): number =>
				decided.reduce((sum, decision, at) => sum + (wanted(decision) ? (given[at]?.bytes ?? 0) : 0), 0);
			const demandedBytes = bytes((decision) => decision.verdict === "move" && !isSaving(decision));
			expect(bytes(isSaving)).toBeLessThanOrEqual(Math.max(0, (maxBytes ?? Number.POSITIVE_INFINITY) - demandedBytes));
			for (const [region, copies] of room)
				expect(decided.filter((decision) => isSaving(decision) && decision.target === region).length).toBeLessThanOrEqual(copies);
		});
	});

	it("changes nothing but moves, keeps the order, and lets those move first that a rule demands", () => {
		holds((given, { maxMoves }, decided) => {
			expect(decided.map(({ partition }) => partition)).toEqual(given.map(({ decision }) => decision.partition));
			given.forEach(({ decision }, at) => {
				if (decision.verdict === "stay") expect(decided[at]).toBe(decision);
			});
			const demanded = given.filter(({ decision }) => decision.reason === DecisionReason.Residency).length;
			expect(decided.filter(({ verdict, reason }) => verdict === "move" && reason === DecisionReason.Residency).length).toBe(
				Math.min(demanded, maxMoves),
			);
		});
	});

	it("says what bound: the budget, the room, and for whom else there would have been a better region", () => {
		holds((given, { maxMoves, room }, decided) => {
			decided.forEach((decision, at) => {
				const best = given[at]?.targets[0];
				if (best === undefined) return;
				if (decision.verdict === "stay") expect(["budget", "capacity"]).toContain(decision.reason);
				if (decision.reason === "capacity") expect(decision.bound).toEqual({ by: "capacity", region: best.target });
				if (decision.bound !== undefined) expect(room.has(decision.bound.region)).toBe(true);
				if (maxMoves >= given.length && room.size === 0) expect(decision.reason).not.toBe("capacity");
			});
		});
	});

	it("gives room to those who gain most by it, not to those who come first", () => {
		const [east, europe] = REGIONS as [never, never];
		const to = (region: never, benefitMs: number): Target => ({ target: region, savingMs: 1, benefitMs, zScore: 9, adds: [region] });
		const decided = grantMoves(
			[
				candidateOf("a", "saving", [to(europe, 50), to(east, 40)]),
				candidateOf("b", "saving", [to(europe, 60), to(east, 10)]),
				candidateOf("c", "saving", [to(europe, 20)]),
			],
			{ maxMoves: 9, maxTransfers: 0, room: new Map([[europe, 1]]) },
		);
		expect(decided.map(({ verdict, reason, target: where }) => `${verdict} ${reason} ${where}`)).toEqual([
			"move saving us-east-1",
			"move saving eu-west-1",
			"stay capacity eu-west-1",
		]);
	});
});

describe("the holdout group", () => {
	it("has about its share, and keeps its members as it grows", () => {
		const names = Array.from({ length: 20_000 }, (_, at) => partitionId(`tenants:${at}`));
		const members = (share: number) => names.filter((name) => isHeldOut(name, share));
		expect(members(0)).toHaveLength(0);
		expect(members(1)).toHaveLength(names.length);
		expect(members(0.05).length / names.length).toBeCloseTo(0.05, 2);
		const larger = new Set(members(0.1));
		expect(members(0.05).every((name) => larger.has(name))).toBe(true);
	});
});
