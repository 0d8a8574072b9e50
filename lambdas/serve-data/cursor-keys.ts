import type { Clock } from "#domain/ports/clock.ts";
import type { CursorKeyRing } from "#domain/ports/cursor-keys.ts";

/** The keys that an instance knows: the current one first. `anew` is asked where none of them fits a cursor. */
export interface KnownCursorKeys {
	/** @throws UnavailableError while none has ever been read */
	keys(): Promise<readonly Uint8Array[]>;
	/** Looks again, unless that has just been done. */
	anew(): Promise<readonly Uint8Array[]>;
}

/** After a rotation, or its clearing, instances take what they know for so long at most, in ms. */
const FRESH_MS = 5 * 60_000;
/** Between two looks for cursors that fit no key, in ms: forged ones must not make everybody read. */
const PAUSE_MS = 5_000;

/** Keeps the keys of the ring; what has been read once is used for as long as the table cannot be reached. */
export function keepCursorKeys(ring: Pick<CursorKeyRing, "keys">, clock: Pick<Clock, "nowMs">): KnownCursorKeys {
	let known: { readonly keys: readonly Uint8Array[]; readonly readAtMs: number } | undefined;
	let reading: Promise<readonly Uint8Array[]> | undefined;
	const read = async (): Promise<readonly Uint8Array[]> => {
		reading ??= ring.keys().finally(() => {
			reading = undefined;
		});
		try {
			known = { keys: await reading, readAtMs: clock.nowMs() };
		} catch (error) {
			if (known === undefined) throw error;
			known = { ...known, readAtMs: clock.nowMs() };
		}
		return known.keys;
	};
	const within = (forMs: number) => (known !== undefined && clock.nowMs() - known.readAtMs < forMs ? known.keys : undefined);
	return { keys: async () => within(FRESH_MS) ?? read(), anew: async () => within(PAUSE_MS) ?? read() };
}

/** One key for ever: of a data plane that stands alone. */
export const oneCursorKey = (key: Uint8Array): KnownCursorKeys => ({ keys: async () => [key], anew: async () => [key] });
