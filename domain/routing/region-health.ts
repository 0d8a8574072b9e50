import type { RegionId } from "#domain/geography/region-id.ts";

export interface RegionHealthSettings {
	/** Failures one after the other, without an answer between them, that make a region unhealthy. @default 3 */
	readonly failures: number;
	/** For how long it then gets only what no other region can do. One failure after that, and it is unhealthy again. @default 5,000 */
	readonly restMs: number;
}

export const REGION_HEALTH_DEFAULTS: RegionHealthSettings = { failures: 3, restMs: 5000 };

interface Observed {
	failures: number;
	untilMs: number;
}

/** What one edge instance has seen of the regions' data planes: whether they answer at all, whatever they answer. */
export class RegionHealth {
	readonly #settings: RegionHealthSettings;
	readonly #observed = new Map<RegionId, Observed>();

	constructor(settings: RegionHealthSettings = REGION_HEALTH_DEFAULTS) {
		this.#settings = settings;
	}

	failed(region: RegionId, nowMs: number): void {
		const before = this.#observed.get(region)?.failures ?? 0;
		const failures = before + 1;
		this.#observed.set(region, { failures, untilMs: failures >= this.#settings.failures ? nowMs + this.#settings.restMs : 0 });
	}

	answered(region: RegionId): void {
		if (this.#observed.size > 0) this.#observed.delete(region);
	}

	isHealthy(region: RegionId, nowMs: number): boolean {
		if (this.#observed.size === 0) return true;
		return nowMs >= (this.#observed.get(region)?.untilMs ?? 0);
	}
}
