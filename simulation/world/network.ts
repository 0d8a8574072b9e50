import type { RegionId } from "#domain/geography/region-id.ts";
import type { Draws } from "#simulation/draws.ts";

/** Ways between regions, in ms one way; within a region a few. */
const NEAR_MS = { low: 0.5, high: 4 };
const FAR_MS = { low: 15, high: 90 };

/** Which regions are cut off, and how long the ways between them are. */
export class Network {
	readonly #cuts = new Map<RegionId, number>();
	readonly #closed = new Map<RegionId, number>();
	readonly #everClosed = new Set<RegionId>();
	readonly #distance: number;

	/** @param distance how much longer than usual the ways between regions are */
	constructor(distance: number) {
		this.#distance = distance;
	}

	cut(region: RegionId): void {
		this.#cuts.set(region, (this.#cuts.get(region) ?? 0) + 1);
	}

	mend(region: RegionId): void {
		this.#cuts.set(region, Math.max(0, (this.#cuts.get(region) ?? 0) - 1));
	}

	/** Nobody reaches the region's data plane from outside, its own clients included. */
	close(region: RegionId): void {
		this.#everClosed.add(region);
		this.#closed.set(region, (this.#closed.get(region) ?? 0) + 1);
	}

	open(region: RegionId): void {
		this.#closed.set(region, Math.max(0, (this.#closed.get(region) ?? 0) - 1));
	}

	/** Whether it was closed at some time. */
	wasClosed(region: RegionId): boolean {
		return this.#everClosed.has(region);
	}

	isClosed(region: RegionId): boolean {
		return (this.#closed.get(region) ?? 0) > 0;
	}

	mendAll(): void {
		this.#cuts.clear();
		this.#closed.clear();
	}

	/** Whether clients near `from` reach the data plane of `to`. */
	serves(from: RegionId, to: RegionId): boolean {
		return !this.isClosed(to) && this.reaches(from, to);
	}

	/** A region that is cut off still reaches itself. */
	reaches(from: RegionId, to: RegionId): boolean {
		return from === to || ((this.#cuts.get(from) ?? 0) === 0 && (this.#cuts.get(to) ?? 0) === 0);
	}

	transitMs(draws: Draws, from: RegionId, to: RegionId): number {
		return from === to ? draws.between(NEAR_MS.low, NEAR_MS.high) : draws.between(FAR_MS.low, FAR_MS.high) * this.#distance;
	}
}
