/** An item's version. It grows with every write and never repeats for a key, also across delete and re-creation. */
export interface Version {
	/** The partition's epoch when the item was written. */
	readonly epoch: number;
	/** Grows by one a write inside an epoch; an absent key starts at the writer's clock in milliseconds. */
	readonly n: number;
}

/** Negative when `a` is older than `b`, zero when equal, positive when newer. The epoch decides first. */
export const compareVersions = (a: Version, b: Version): number => a.epoch - b.epoch || a.n - b.n;

/** The strong entity tag of an item at this version, quotes included (RFC 9110 section 8.8.3). */
export const etagOf = (version: Version): string => `"${version.epoch}-${version.n}"`;
