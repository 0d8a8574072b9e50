import type { FullAccount } from "#replay/engine/accounting/full-account.ts";
import type { ActivityClass } from "#replay/result/replay-result.ts";

const BOUNDS = [1, 10, 100, 1_000, 10_000] as const;

/** Partitions by their accesses in the scored part; classes without a partition are left out. */
export function activityClasses({ accesses, rttMs, chargedMs }: FullAccount): readonly ActivityClass[] {
	return BOUNDS.flatMap((from, index) => {
		const below = BOUNDS[index + 1] ?? null;
		const members = [...accesses.keys()].filter((partition) => isBetween(accesses[partition] ?? 0, from, below));
		const sum = (values: Float64Array): number => members.reduce((total, partition) => total + (values[partition] ?? 0), 0);
		const volume = sum(accesses);
		if (members.length === 0) return [];
		const meanRttMs = sum(rttMs) / volume;
		return [{ from, below, partitions: members.length, accesses: volume, meanRttMs, costMs: meanRttMs + sum(chargedMs) / volume }];
	});
}

const isBetween = (value: number, from: number, below: number | null): boolean => value >= from && (below === null || value < below);
