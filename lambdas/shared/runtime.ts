import { randomInt } from "node:crypto";
import type { Clock } from "#domain/ports/clock.ts";
import type { Random } from "#domain/ports/random.ts";

/** What a handler takes from its host instead of reaching for globals. */
export interface Runtime {
	readonly clock: Clock;
	readonly random: Random;
	/**
	 * Runs work that no answer waits for. On AWS it goes on while the instance is awake, at the latest with its next invocation; so it has
	 * to bear being late. What it throws is dropped.
	 */
	readonly background: (work: () => Promise<void>) => void;
}

const ID_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

/** An identifier of 26 characters (130 bits) drawn from `uniformInt(32)`. */
export const randomId = (uniformInt: (below: number) => number): string =>
	Array.from({ length: 26 }, () => ID_ALPHABET[uniformInt(ID_ALPHABET.length)]).join("");

const systemRuntime: Runtime = {
	clock: {
		nowMs: () => Date.now(),
		sleep: (ms) => new Promise((resolve) => (ms > 0 ? setTimeout(resolve, ms) : resolve())),
	},
	random: { next: () => randomInt(2 ** 40) / 2 ** 40, id: () => randomId((below) => randomInt(below)) },
	background: (work) => void work().catch(() => {}),
};

/** Where a host that owns time (the local cloud) puts its runtime before it loads a handler. */
export const RUNTIME_SLOT = Symbol.for("heliotrope.runtime");

/** The host's runtime where it provides one, else the machine's clock and randomness. */
export const runtime = (): Runtime => (globalThis as { [RUNTIME_SLOT]?: Runtime })[RUNTIME_SLOT] ?? systemRuntime;
