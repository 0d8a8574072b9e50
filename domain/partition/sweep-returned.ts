import type { RegionId } from "#domain/geography/region-id.ts";
import type { BucketRef } from "#domain/partition/partition-id.ts";
import { type SweepDeps, type SweepReport, sweepParked } from "#domain/partition/sweep-parked.ts";
import type { ParkedKeys } from "#domain/ports/parked-keys.ts";
import type { RegionalStores } from "#domain/ports/regional-store.ts";
import { UnavailableError } from "#domain/shared/errors.ts";

export interface SweepReturnedDeps extends Pick<SweepDeps, "stores" | "clock" | "random"> {
	readonly parkedOf: (region: RegionId) => ParkedKeys;
	/** The regions of the deployment. */
	readonly regions: readonly RegionId[];
}

/**
 * Sweeps the parked keys of every region, but only of buckets whose copies all answer: what a region missed reaches it soon after its
 * return, and while it is away nothing is tried in vain. With nothing parked it is one query a region. A region's own sweep tries the
 * rest, and speaks of defects.
 */
export async function sweepReturned(deps: SweepReturnedDeps, deadlineMs: number): Promise<SweepReport> {
	const answers = askOnce(deps.stores);
	const reports = await Promise.all(deps.regions.map((region) => sweepRegion(deps, region, answers, deadlineMs)));
	return reports.reduce((sum, one) => ({
		buckets: sum.buckets + one.buckets,
		carried: sum.carried + one.carried,
		owed: sum.owed + one.owed,
	}));
}

async function sweepRegion(
	{ parkedOf, ...deps }: SweepReturnedDeps,
	region: RegionId,
	answers: Answers,
	deadlineMs: number,
): Promise<SweepReport> {
	try {
		return await sweepParked({ ...deps, region, parked: parkedOf(region), answers, onDefect: () => undefined }, deadlineMs);
	} catch (error) {
		if (error instanceof UnavailableError) return { buckets: 0, carried: 0, owed: 0 };
		throw error;
	}
}

type Answers = NonNullable<SweepDeps["answers"]>;

/** Whether a region answers, asked for the first bucket that wants to know. */
function askOnce(stores: RegionalStores): Answers {
	const known = new Map<RegionId, Promise<boolean>>();
	const ask = async (region: RegionId, ref: BucketRef): Promise<boolean> => {
		try {
			await stores(region).readFence(ref);
			return true;
		} catch (error) {
			if (error instanceof UnavailableError) return false;
			throw error;
		}
	};
	return (region, ref) => {
		const answer = known.get(region) ?? ask(region, ref);
		known.set(region, answer);
		return answer;
	};
}
