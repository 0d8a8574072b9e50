import type { RouteHash } from "#domain/routing/route-hash.ts";

/** 32-bit words of a slot: three of hash, seven for whoever keeps something in it. */
const SLOT_WORDS = 10;
export const SLOT_BYTES = SLOT_WORDS * 4;
/** Of a slot's seven words: the flags are the last byte of word 5; words 8 and 9 are one Float64. */
export const Word = { Epoch: 3, Regions: 4, More: 5, ResidencyLow: 6, ResidencyHigh: 7 } as const;
const FLAGS_BYTE = 23;
const TIME_WORD = 4;

/** Set in every slot that holds something; the other bits belong to whoever keeps it. */
export const USED = 1;
/** Read since the clock's hand last passed. */
const REFERENCED = 2;

const LEAST_SLOTS = 16;
const MOST_LOAD = 0.8;
const GROWTH = 1.125;

/**
 * Fixed-size entries by hash in one buffer: open addressing with linear probing, deletion by shifting back, and, once it may not grow
 * any more, second-chance eviction by a clock hand. Growing by an eighth keeps it between 71 % and 80 % full, whatever it holds.
 */
export class RouteTable {
	words: Uint32Array;
	bytes: Uint8Array;
	times: Float64Array;
	#slots: number;
	#used = 0;
	#hand = 0;
	readonly #mostSlots: number;

	constructor(maxBytes: number) {
		this.#mostSlots = Math.max(LEAST_SLOTS, Math.floor(maxBytes / SLOT_BYTES));
		this.#slots = LEAST_SLOTS;
		const buffer = new ArrayBuffer(this.#slots * SLOT_BYTES);
		this.words = new Uint32Array(buffer);
		this.bytes = new Uint8Array(buffer);
		this.times = new Float64Array(buffer);
	}

	get used(): number {
		return this.#used;
	}

	get byteLength(): number {
		return this.words.byteLength;
	}

	/** The slot of a hash, marked as read; -1 where there is none. */
	find(hash: RouteHash): number {
		const slot = this.#probe(hash);
		const flags = this.bytes[slot * SLOT_BYTES + FLAGS_BYTE] as number;
		if (flags === 0) return -1;
		this.bytes[slot * SLOT_BYTES + FLAGS_BYTE] = flags | REFERENCED;
		return slot;
	}

	/** The slot of a hash, which is taken for it where there was none; something else may have to go for that. */
	take(hash: RouteHash): number {
		const found = this.find(hash);
		if (found >= 0) return found;
		this.#makeRoom();
		const slot = this.#probe(hash);
		const at = slot * SLOT_WORDS;
		this.words[at] = hash.a;
		this.words[at + 1] = hash.b;
		this.words[at + 2] = hash.c;
		this.bytes[slot * SLOT_BYTES + FLAGS_BYTE] = USED;
		this.#used += 1;
		return slot;
	}

	flags(slot: number): number {
		return this.bytes[slot * SLOT_BYTES + FLAGS_BYTE] as number;
	}

	/** @param flags without `USED`, which is kept */
	setFlags(slot: number, flags: number): void {
		this.bytes[slot * SLOT_BYTES + FLAGS_BYTE] = flags | USED;
	}

	word(slot: number, word: number): number {
		return this.words[slot * SLOT_WORDS + word] as number;
	}

	setWord(slot: number, word: number, value: number): void {
		this.words[slot * SLOT_WORDS + word] = value;
	}

	time(slot: number): number {
		return this.times[slot * (SLOT_WORDS / 2) + TIME_WORD] as number;
	}

	setTime(slot: number, value: number): void {
		this.times[slot * (SLOT_WORDS / 2) + TIME_WORD] = value;
	}

	/** The slot that holds the hash, or the empty one where the search for it ended. There always is an empty one. */
	#probe({ a, b, c }: RouteHash): number {
		const { words, bytes } = this;
		let slot = this.#homeOf(a);
		while (bytes[slot * SLOT_BYTES + FLAGS_BYTE] !== 0) {
			const at = slot * SLOT_WORDS;
			if (words[at] === a && words[at + 1] === b && words[at + 2] === c) return slot;
			slot = slot + 1 === this.#slots ? 0 : slot + 1;
		}
		return slot;
	}

	#homeOf(a: number): number {
		return Math.floor((a / 2 ** 32) * this.#slots);
	}

	#makeRoom(): void {
		if (this.#used + 1 <= this.#slots * MOST_LOAD) return;
		if (this.#slots < this.#mostSlots) this.#grow(Math.min(this.#mostSlots, Math.ceil(this.#slots * GROWTH)));
		else this.#evict();
	}

	#grow(slots: number): void {
		const { words: before, bytes: flags } = this;
		const beforeSlots = this.#slots;
		const buffer = new ArrayBuffer(slots * SLOT_BYTES);
		this.words = new Uint32Array(buffer);
		this.bytes = new Uint8Array(buffer);
		this.times = new Float64Array(buffer);
		this.#slots = slots;
		for (let old = 0; old < beforeSlots; old += 1) {
			if (flags[old * SLOT_BYTES + FLAGS_BYTE] === 0) continue;
			const from = old * SLOT_WORDS;
			let slot = this.#homeOf(before[from] as number);
			while (this.bytes[slot * SLOT_BYTES + FLAGS_BYTE] !== 0) slot = slot + 1 === slots ? 0 : slot + 1;
			for (let word = 0; word < SLOT_WORDS; word += 1) this.words[slot * SLOT_WORDS + word] = before[from + word] as number;
		}
	}

	/** Passes over what has been read since the last time, once. */
	#evict(): void {
		for (;;) {
			this.#hand = this.#hand + 1 === this.#slots ? 0 : this.#hand + 1;
			const at = this.#hand * SLOT_BYTES + FLAGS_BYTE;
			const flags = this.bytes[at] as number;
			if (flags === 0) continue;
			if ((flags & REFERENCED) === 0) break;
			this.bytes[at] = flags & ~REFERENCED;
		}
		this.#remove(this.#hand);
	}

	/** Entries behind the gap move into it where their search would otherwise end there. @see Knuth, TAOCP 3, section 6.4, algorithm R */
	#remove(slot: number): void {
		let gap = slot;
		let next = gap;
		for (;;) {
			next = next + 1 === this.#slots ? 0 : next + 1;
			if (this.bytes[next * SLOT_BYTES + FLAGS_BYTE] === 0) break;
			const home = this.#homeOf(this.words[next * SLOT_WORDS] as number);
			const staysReachable = gap <= next ? gap < home && home <= next : gap < home || home <= next;
			if (staysReachable) continue;
			this.words.copyWithin(gap * SLOT_WORDS, next * SLOT_WORDS, (next + 1) * SLOT_WORDS);
			gap = next;
		}
		this.words.fill(0, gap * SLOT_WORDS, (gap + 1) * SLOT_WORDS);
		this.#used -= 1;
	}
}
