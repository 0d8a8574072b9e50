/** Bucket count of a partition created by first touch. Range 1..64; two let a small partition spread without doubling its fence writes. */
export const DEFAULT_BUCKETS = 2;

/** How long, in ms, a data plane may believe in a steady fence it has read. @see docs/internals/protocol.md, "Two write modes" */
export const GUARD_TTL_MS = 2_000;

/** How long, in seconds, a tombstone outlives its delete: longer than every zombie and every retained copy (7 days). */
export const TOMBSTONE_SECONDS = 30 * 24 * 3600;

/** The largest body of an item, in bytes. */
export const MAX_BODY_BYTES = 256 * 1024;

/** The longest item key, in bytes of UTF-8. */
export const MAX_KEY_BYTES = 512;
