import type { BenchReport } from "#bench/render.ts";

/**
 * What a report must have whatever the size of its run: results of every benchmark asked for, with finite positive quantities, samples,
 * a verdict where there is a target, and words on what is not measured.
 *
 * @returns one line a flaw
 */
export function flawsOf({ results, notMeasured }: BenchReport, names: readonly string[]): readonly string[] {
	const missing = names.filter((name) => results.every((result) => result.name !== name)).map((name) => `${name}: no result`);
	const silent = names
		.filter((name) => (notMeasured[name] ?? []).length === 0)
		.map((name) => `${name}: does not say what it does not measure`);
	const flawed = results.flatMap(({ name, metric, values, baselineValues, target, meets, ...quantities }) => {
		const { value, p99, baseline, baselineP99, ratio } = quantities;
		const strange = Object.entries({ value, p99, baseline, baselineP99, ratio })
			.filter(([, quantity]) => !(Number.isFinite(quantity) && quantity > 0))
			.map(([what, quantity]) => `${what} is ${quantity}`);
		if (values.length === 0 || baselineValues.length === 0) strange.push("no samples");
		if ((meets === null) !== (target === null)) strange.push("a verdict and no target, or a target and no verdict");
		return strange.map((flaw) => `${name}: ${metric}: ${flaw}`);
	});
	return [...missing, ...silent, ...flawed];
}
