import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { distanceKm } from "#domain/geography/distance.ts";
import { regionId } from "#domain/geography/region-id.ts";
import { findRegion, REGIONS } from "#domain/geography/regions.ts";
import { createRttTable, RTT_MODEL, rttMs, UnknownRegionError } from "#domain/geography/round-trip-time.ts";

const MATRIX = new URL("../../../../shared/traces/latency_aws/matrix.csv", import.meta.url);
const at = (id: string) => findRegion(id) ?? expect.fail(`no region ${id}`);

test("the distance from Dublin to Tokyo is that of the atlas", () => {
	expect(distanceKm(at("eu-west-1"), at("ap-northeast-1"))).toBeCloseTo(9590, -2);
	expect(distanceKm({ latitude: 0, longitude: -179.5 }, { latitude: 0, longitude: 179.5 })).toBeCloseTo(111.2, 1);
});

test("home is a short hop, every pair is symmetric and longer than home", () => {
	for (const a of REGIONS) {
		expect(rttMs(a.id, a.id)).toBe(1);
		for (const b of REGIONS) if (a !== b) expect(rttMs(a.id, b.id)).toBeGreaterThan(rttMs(a.id, a.id));
		for (const b of REGIONS) expect(rttMs(a.id, b.id)).toBeCloseTo(rttMs(b.id, a.id), 9);
	}
});

test("a measured pair overrides the model, in both directions; other pairs stay modelled", () => {
	const [dublin, tokyo, mars] = [regionId("eu-west-1"), regionId("ap-northeast-1"), regionId("xx-north-1")];
	const rtt = createRttTable([dublin, tokyo], { [dublin]: { [tokyo]: 204.4, [dublin]: 0.1 }, [mars]: { [dublin]: 5 } });
	expect(rtt(dublin, tokyo)).toBe(204.4);
	expect(rtt(tokyo, dublin)).toBe(204.4);
	expect(rtt(dublin, dublin)).toBe(RTT_MODEL.homeMs);
	expect(rtt(dublin, regionId("us-east-1"))).toBe(rttMs(dublin, regionId("us-east-1")));
	expect(rtt(dublin, mars)).toBe(5);
	expect(() => rtt(tokyo, mars)).toThrow(UnknownRegionError);
});

describe.skipIf(!existsSync(MATRIX))("against the measured matrix (skipped where ../shared is absent)", () => {
	test("the weighted least-squares fit gives the constants of the model", () => {
		const points = measuredPairs().map(({ from, to, measuredMs }) => ({
			km: distanceKm(at(from), at(to)),
			ms: measuredMs,
			weight: 1 / measuredMs,
		}));
		const sum = (of: (point: (typeof points)[number]) => number) => points.reduce((total, point) => total + point.weight * of(point), 0);
		const [w, x, y, xx, xy] = [sum(() => 1), sum((p) => p.km), sum((p) => p.ms), sum((p) => p.km ** 2), sum((p) => p.km * p.ms)];
		const slope = (w * xy - x * y) / (w * xx - x ** 2);
		expect(points).toHaveLength(171);
		expect((slope * (299.792458 / 1.468)) / 2).toBeCloseTo(RTT_MODEL.pathFactor, 3);
		expect((y - slope * x) / w).toBeCloseTo(RTT_MODEL.constantMs, 2);
	});

	test("the errors are those that the documentation states", () => {
		const errors = measuredPairs().map(
			({ from, to, measuredMs }) => Math.abs(rttMs(regionId(from), regionId(to)) - measuredMs) / measuredMs,
		);
		errors.sort((a, b) => a - b);
		expect(errors[Math.floor(errors.length / 2)]).toBeCloseTo(0.15, 2);
		expect(errors[Math.floor(errors.length * 0.9)]).toBeCloseTo(0.36, 2);
	});
});

function measuredPairs() {
	const [head = [], ...rows] = readFileSync(MATRIX, "utf8")
		.trim()
		.split(/\r?\n/)
		.map((line) => line.split(","));
	return rows.flatMap(([from = "", ...cells]) =>
		cells.map((cell, column) => ({ from, to: head[column + 1] ?? "", measuredMs: Number(cell) })).filter(({ to }) => from < to),
	);
}
