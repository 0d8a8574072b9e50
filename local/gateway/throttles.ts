import type { RegionId } from "#domain/geography/region-id.ts";
import type { Clock } from "#domain/ports/clock.ts";
import { seededRandom } from "#domain/shared/seeded-random.ts";
import { type AwsReply, awsError } from "#local/gateway/aws-service.ts";

/** Refuses a share of a region's DynamoDB requests for a while, as a table beyond its throughput does. */
export class Throttles {
	readonly #clock: Pick<Clock, "nowMs">;
	readonly #random: () => number;
	readonly #byRegion = new Map<RegionId, { readonly share: number; readonly untilMs: number }>();

	constructor(clock: Pick<Clock, "nowMs">, seed: number) {
		this.#clock = clock;
		this.#random = seededRandom(seed);
	}

	/** @param share 0..1 of the requests; 0 ends the throttling. @param untilMs of the clock */
	set(region: RegionId, share: number, untilMs: number): void {
		if (share > 0) this.#byRegion.set(region, { share, untilMs });
		else this.#byRegion.delete(region);
	}

	clear(): void {
		this.#byRegion.clear();
	}

	/** The refusal that this request gets, or undefined. */
	refusal(region: RegionId): AwsReply | undefined {
		const throttle = this.#byRegion.get(region);
		if (throttle === undefined) return undefined;
		if (throttle.untilMs <= this.#clock.nowMs()) {
			this.#byRegion.delete(region);
			return undefined;
		}
		return this.#random() < throttle.share ? awsError(400, THROTTLED, "the table's throughput is exceeded; an injected fault") : undefined;
	}
}

const THROTTLED = "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException";
