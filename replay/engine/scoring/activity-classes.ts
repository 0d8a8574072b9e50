import type { FullAccount } from "#replay/engine/accounting/full-account.ts";
import { ACTIVITY_CLASSES } from "#replay/engine/scoring/class-of-partition.ts";
import { nearShare, quantiles } from "#replay/engine/scoring/served.ts";
import type { ReplayWorld } from "#replay/engine/world.ts";
import type { ActivityClass } from "#replay/result/replay-result.ts";

/** What of a class follows from one policy's account alone. */
export type OwnClass = Omit<ActivityClass, "regretMs">;

/** Partitions by their accesses in the scored part; classes without a partition are left out. */
export function activityClasses({ trace, table }: ReplayWorld, account: FullAccount): readonly OwnClass[] {
	const pairs = trace.regions.length ** 2;
	return ACTIVITY_CLASSES.flatMap((bounds, index) => {
		const members = [...account.classes.keys()].filter((partition) => account.classes[partition] === index);
		const sum = (values: Float64Array): number => members.reduce((total, partition) => total + (values[partition] ?? 0), 0);
		const volume = sum(account.accesses);
		if (members.length === 0) return [];
		const served = account.servedByClass.subarray(index * pairs, (index + 1) * pairs);
		const [p50Ms = Number.NaN, p95Ms = Number.NaN, p99Ms = Number.NaN] = quantiles(served, table.rttMs, [0.5, 0.95, 0.99]);
		const meanRttMs = sum(account.rttMs) / volume;
		return [
			{
				...bounds,
				partitions: members.length,
				accesses: volume,
				meanRttMs,
				p50Ms,
				p95Ms,
				p99Ms,
				nearShare: nearShare(served, trace.regions.length),
				costMs: meanRttMs + sum(account.chargedMs) / volume,
				moves: account.movesByClass[index] ?? 0,
				transfers: account.transfersByClass[index] ?? 0,
			},
		];
	});
}

/** The same classes with what each costs above the oracle's. */
export const withRegret = (classes: readonly OwnClass[], oracle: readonly OwnClass[]): readonly ActivityClass[] =>
	classes.map((one) => ({ ...one, regretMs: one.costMs - (oracle.find(({ from }) => from === one.from)?.costMs ?? Number.NaN) }));
