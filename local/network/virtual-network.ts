import type { RegionId } from "#domain/geography/region-id.ts";
import { OperatingError } from "#domain/shared/errors.ts";
import type { Activity, LocalClock } from "#local/clock/local-clock.ts";

/** The link between two regions is cut. */
export class LinkCutError extends OperatingError {
	override name = "LinkCutError";
	constructor(from: RegionId, to: RegionId) {
		super(`the link from ${from} to ${to} is cut`, { code: "network.cut", retryable: true, details: { from, to } });
	}
}

/** Round-trip time in ms between two regions; the same region is a short hop, not zero. */
export type RttMs = (from: RegionId, to: RegionId) => number;

interface Fault {
	readonly from: RegionId;
	readonly to: RegionId;
	readonly untilMs: number;
	/** Added round-trip time in ms; `Infinity` cuts the link. */
	readonly addMs: number;
}

/** Charges what distance would have cost, and can be cut or slowed, in both directions of a pair. */
export class VirtualNetwork {
	readonly #clock: LocalClock;
	readonly #rttMs: RttMs;
	#faults: Fault[] = [];
	readonly #charged = new WeakMap<Activity, number>();

	constructor(clock: LocalClock, rttMs: RttMs) {
		this.#clock = clock;
		this.#rttMs = rttMs;
	}

	/** The present round-trip time; `Infinity` while cut. */
	rttMs(from: RegionId, to: RegionId): number {
		const now = this.#clock.nowMs();
		this.#faults = this.#faults.filter((fault) => fault.untilMs > now);
		const added = this.#faults.filter((fault) => touches(fault, from, to)).reduce((sum, fault) => sum + fault.addMs, 0);
		return this.#rttMs(from, to) + added;
	}

	/**
	 * Carries one exchange: half the round-trip, the work at the far end, the other half. The work itself does not sleep in the
	 * activity; work that may (a function, with all it causes) goes through `relay`. @throws LinkCutError when cut at either half.
	 */
	exchange<T>(activity: Activity, from: RegionId, to: RegionId, work: () => Promise<T>): Promise<T> {
		return this.relay(activity, from, to, () => activity.during(work));
	}

	/** As `exchange`, but time may pass while the work at the far end sleeps in the same activity. @throws LinkCutError when cut at either half. */
	async relay<T>(activity: Activity, from: RegionId, to: RegionId, work: () => Promise<T>): Promise<T> {
		await this.#cross(activity, from, to);
		const result = await work();
		await this.#cross(activity, to, from);
		return result;
	}

	/** What distance has cost the activity so far, in ms: the sum over all its exchanges, parallel ones included. */
	chargedMs(activity: Activity): number {
		return this.#charged.get(activity) ?? 0;
	}

	cut(from: RegionId, to: RegionId, durationMs: number): void {
		this.slow(from, to, Number.POSITIVE_INFINITY, durationMs);
	}

	slow(from: RegionId, to: RegionId, addMs: number, durationMs: number): void {
		this.#faults.push({ from, to, addMs, untilMs: this.#clock.nowMs() + durationMs });
	}

	heal(): void {
		this.#faults = [];
	}

	async #cross(activity: Activity, from: RegionId, to: RegionId): Promise<void> {
		const rtt = this.rttMs(from, to);
		if (!Number.isFinite(rtt)) throw new LinkCutError(from, to);
		this.#charged.set(activity, this.chargedMs(activity) + rtt / 2);
		await activity.sleep(rtt / 2);
	}
}

const touches = (fault: Fault, from: RegionId, to: RegionId): boolean =>
	(fault.from === from && fault.to === to) || (fault.from === to && fault.to === from);
