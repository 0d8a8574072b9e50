import type { RegionId } from "#domain/geography/region-id.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import type { Draws } from "#simulation/draws.ts";
import type { Rates } from "#simulation/scenario.ts";
import { InvocationLost, type Life } from "#simulation/world/life.ts";
import type { Surroundings } from "#simulation/world/surroundings.ts";

/** Who makes a call: what goes wrong with it depends on that. */
export type CallerKind = "stage" | "promotion" | "data" | "stream" | "control";

const SLOW_MS = 3_000;
const STUCK_CARRY_MS = 10_000;
const PAUSE_MS = 120_000;

export interface CallerOptions {
	readonly kind: CallerKind;
	readonly from: RegionId;
	readonly draws: Draws;
	readonly life: Life;
	/** Until when, in virtual time, a call may be under way because its sender is alive. */
	readonly deadlineMs: number;
	/** What its first change of fences stands still for before it is sent. */
	readonly stallMs?: number;
}

/**
 * One process that calls stores and tables over the network. Each call takes time both ways, is atomic in between, and may go wrong in
 * every way that the scenario has switched on. The number of draws a call takes does not depend on what is switched on.
 */
export class Caller {
	readonly #world: Surroundings;
	readonly #options: CallerOptions;
	#stallMs: number;

	constructor(world: Surroundings, options: CallerOptions) {
		this.#world = world;
		this.#options = options;
		this.#stallMs = options.stallMs ?? 0;
	}

	get kind(): CallerKind {
		return this.#options.kind;
	}

	/** @throws UnavailableError; never settles when the process ends meanwhile */
	async call<T>(to: RegionId, operation: string, isWrite: boolean, work: () => Promise<T>): Promise<T> {
		const { time, network, rates, faults } = this.#world;
		const { from, draws, life, kind } = this.#options;
		const luck = { fault: draws.next(), slow: draws.next(), crash: draws.next(), place: draws.next(), more: draws.next() };
		const outMs = network.transitMs(draws, from, to);
		const backMs = network.transitMs(draws, from, to);
		if (life.isDead) return never();
		const isStageWrite = (kind === "stage" || kind === "promotion") && isWrite;
		if (operation === "changeFences" && this.#stallMs > 0) {
			const stallMs = this.#stallMs;
			this.#stallMs = 0;
			faults.count("stage-pause");
			await time.sleep(stallMs);
			if (life.isDead) return never();
		}
		if (isStageWrite && luck.crash < rates.stageCrashes && luck.place < 0.5) return this.#crash(operation);
		const pauses = operation === "changeFences" ? Math.max(rates.fencePauses, rates.stagePauses) : rates.stagePauses;
		if (isStageWrite && luck.slow < pauses) {
			faults.count("stage-pause");
			await time.sleep(luck.more * PAUSE_MS);
			if (life.isDead) return never();
		}
		await time.sleep(outMs + this.#delayMs(rates, luck, isWrite));
		if (!network.reaches(from, to)) return this.#fail(life, `${operation} does not reach ${to}`);
		if (luck.fault < rates.notApplied) {
			faults.count("not-applied");
			return this.#fail(life, `${operation} in ${to} was throttled`);
		}
		const result = await work();
		if (isStageWrite && luck.crash < rates.stageCrashes && luck.place >= 0.5) return this.#crash(operation);
		await time.sleep(backMs);
		if (life.isDead) return never();
		if (luck.fault < rates.notApplied + rates.lostAnswers) {
			faults.count("lost-answer");
			return this.#fail(life, `the answer to ${operation} in ${to} was lost`);
		}
		if (!network.reaches(from, to)) return this.#fail(life, `the answer to ${operation} does not come back from ${to}`);
		return result;
	}

	#delayMs(rates: Rates, luck: { readonly slow: number; readonly more: number }, isWrite: boolean): number {
		const { time, faults } = this.#world;
		const { kind, deadlineMs } = this.#options;
		if (kind === "data" && isWrite && luck.slow < rates.stuckWrites) {
			faults.count("stuck-write");
			return luck.more * (deadlineMs - time.nowMs);
		}
		if (kind === "stream" && isWrite && luck.slow < rates.stuckWrites) {
			faults.count("stuck-carry");
			return luck.more * STUCK_CARRY_MS;
		}
		if (luck.slow >= 1 - rates.slowCalls) {
			faults.count("slow-call");
			return luck.more * SLOW_MS;
		}
		return 0;
	}

	#fail(life: Life, message: string): Promise<never> {
		return life.isDead ? never() : Promise.reject(new UnavailableError(message));
	}

	#crash(operation: string): Promise<never> {
		this.#world.faults.count("stage-crash");
		this.#world.trace(() => `  crash at ${operation}`);
		this.#options.life.end(new InvocationLost("Lambda.Unknown"));
		return never();
	}
}

/** A promise of its own each time: one that is shared would keep everybody who ever waited for it. */
const never = (): Promise<never> => new Promise(() => undefined);
