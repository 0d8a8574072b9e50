/** A key as an operator sees it: never its bytes. */
export interface CursorKeyView {
	/** 12 hex digits that name it. */
	readonly id: string;
	/** Absent for a key that an earlier release has made. */
	readonly madeAtMs?: number;
	/** Of a key before the current one: until when cursors with it are taken. */
	readonly acceptedUntilMs?: number;
}

/** The keys that authenticate list cursors, the same for all regions. Every method: @throws UnavailableError; a retry helps. */
export interface CursorKeyRing {
	/** The current key first, which new cursors bear, then those before it that are still taken. From the nearest copy. */
	keys(): Promise<readonly Uint8Array[]>;
	/** The same, as the control region has them. */
	list(): Promise<readonly CursorKeyView[]>;
	/** Makes a new current key; the one before is taken for another day. */
	rotate(): Promise<readonly CursorKeyView[]>;
	/** Takes the current key alone from now on: cursors given out before the last rotation are refused. */
	clear(): Promise<readonly CursorKeyView[]>;
}
