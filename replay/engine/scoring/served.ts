/** The least round-trip time that each share of the accesses does not exceed. @param served accesses by viewer's and answering region, viewer first */
export function quantiles(served: Float64Array, rttMs: Float64Array, shares: readonly number[]): readonly number[] {
	const pairs = [...served.keys()].filter((pair) => (served[pair] ?? 0) > 0).sort((a, b) => (rttMs[a] ?? 0) - (rttMs[b] ?? 0));
	const volume = sum(served);
	return shares.map((share) => {
		let passed = 0;
		for (const pair of pairs) {
			passed += served[pair] ?? 0;
			if (passed >= share * volume) return rttMs[pair] ?? Number.NaN;
		}
		return rttMs[pairs.at(-1) ?? 0] ?? Number.NaN;
	});
}

/** The share of the accesses that the viewer's own region answered, 0..1. */
export function nearShare(served: Float64Array, regions: number): number {
	let near = 0;
	for (let region = 0; region < regions; region += 1) near += served[region * regions + region] ?? 0;
	return near / sum(served);
}

export const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
