import { UsageError } from "#cli/usage-error.ts";
import { isRegionId, type RegionId } from "#domain/geography/region-id.ts";
import type { CanaryStep, PlanAction } from "#domain/migration/request.ts";
import { isPartitionId } from "#domain/partition/partition-id.ts";

/** A region of a flag or argument. @throws UsageError */
export function parseRegion(text: string): RegionId {
	if (isRegionId(text)) return text;
	throw new UsageError(`${quote(text)} is no AWS region; an example is eu-west-1`);
}

/** Regions separated by commas. @throws UsageError */
export const parseRegions = (text: string): readonly RegionId[] => text.split(",").map((part) => parseRegion(part.trim()));

/** A partition's place in a path. @throws UsageError */
export function partitionPath(partition: string): string {
	if (!isPartitionId(partition)) throw new UsageError(`${quote(partition)} is no partition: 1 to 128 of A-Z a-z 0-9 . _ ~ : -`);
	// A name of dots only would be taken for a way up.
	return `partitions/${encodeURIComponent(partition).replaceAll(".", "%2E")}`;
}

/** A whole number from 0. @throws UsageError */
export function parseSeconds(flag: string, text: string | undefined): number | undefined {
	if (text === undefined) return undefined;
	const value = /^\d{1,7}(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
	if (Number.isNaN(value)) throw new UsageError(`${flag} takes seconds, not ${quote(text)}`);
	return value;
}

/** `0.1:60,0.5:60`, share of clients and seconds; `none` for no canary. @throws UsageError */
export function parseCanary(text: string | undefined): readonly CanaryStep[] | undefined {
	if (text === undefined) return undefined;
	if (text === "none") return [];
	return text.split(",").map((step) => {
		const [, weight = "", holdSeconds = ""] = /^\s*(\d*\.?\d+):(\d+(?:\.\d+)?)\s*$/.exec(step) ?? [];
		if (!(Number(weight) > 0 && Number(weight) <= 1) || holdSeconds === "")
			throw new UsageError(`--canary takes steps of share:seconds such as 0.1:60,0.5:60, or none; not ${quote(step)}`);
		return { weight: Number(weight), holdSeconds: Number(holdSeconds) };
	});
}

/** The flags of `migrations start` that say what shall change. */
export interface ChangeFlags {
	readonly target?: string;
	readonly addFollower?: readonly string[];
	readonly transfer?: string;
	readonly removeFollower?: readonly string[];
	readonly keepSource?: boolean;
}

/** The part of the request body that says what shall change: copies are added, then leadership moves, then copies go. @throws UsageError */
export function parseChange(flags: ChangeFlags): { target: RegionId; keepSource?: true } | { readonly actions: readonly PlanAction[] } {
	const { target, transfer, addFollower = [], removeFollower = [], keepSource } = flags;
	const actions: readonly PlanAction[] = [
		...addFollower.map((region) => ({ addFollower: parseRegion(region) })),
		...(transfer === undefined ? [] : [{ transferLeadership: parseRegion(transfer) }]),
		...removeFollower.map((region) => ({ removeFollower: parseRegion(region) })),
	];
	if (target === undefined) {
		if (actions.length === 0) throw new UsageError("say what shall change: --target, or --add-follower, --transfer, --remove-follower");
		if (keepSource === true) throw new UsageError("--keep-source belongs to --target; without --remove-follower every copy is kept");
		return { actions };
	}
	if (actions.length > 0) throw new UsageError("--target is the whole move; leave it or --add-follower, --transfer, --remove-follower out");
	return { target: parseRegion(target), ...(keepSource === true ? { keepSource } : {}) };
}

const quote = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);
