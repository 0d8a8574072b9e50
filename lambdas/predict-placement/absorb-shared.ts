import type { AccessCounts } from "#domain/ports/access-counts.ts";
import type { PredictionStore } from "#domain/ports/prediction-store.ts";
import type { HourCount } from "#domain/prediction/feature-state.ts";
import { parentKey, parentOf } from "#domain/prediction/parent.ts";
import { applyToGlobal, applyToParent } from "#predictor/features/shared-state.ts";

/**
 * Takes the counts of the given hours into the states of the parents and of everybody. One writer a run, before any shard is
 * forecast: all shards see the same. Each state knows through which hour it is applied, so a repetition adds nothing.
 */
export async function absorbShared(
	{ counts, store }: { readonly counts: AccessCounts; readonly store: PredictionStore },
	hours: readonly { readonly hour: number; readonly shards: readonly number[] }[],
	throughHour: number,
): Promise<void> {
	const reads = hours.flatMap(({ hour, shards }) => shards.map((shard) => counts.readHour(hour, shard)));
	const all = (await Promise.all(reads)).flat();
	if (all.length === 0) return;
	const byParent = groupByParent(all);
	const [parents, global] = await Promise.all([store.readParents([...byParent.keys()]), store.readGlobal()]);
	const changed = [...byParent].flatMap(([key, own]) => {
		const next = applyToParent(parents.get(key), own, throughHour);
		return next === undefined ? [] : [[key, next] as const];
	});
	const nextGlobal = applyToGlobal(global, all, throughHour);
	await Promise.all([store.writeParents(new Map(changed)), nextGlobal === undefined ? undefined : store.writeGlobal(nextGlobal)]);
}

function groupByParent(counts: readonly HourCount[]): ReadonlyMap<string, readonly HourCount[]> {
	const groups = new Map<string, HourCount[]>();
	for (const count of counts) {
		const key = parentKey(parentOf(count.partition, count.segment));
		if (key === undefined) continue;
		const group = groups.get(key);
		if (group === undefined) groups.set(key, [count]);
		else group.push(count);
	}
	return groups;
}
