import type { PartitionId } from "#domain/partition/partition-id.ts";
import { compareVersions, type Version } from "#domain/partition/version.ts";
import type { HeldVersion } from "#domain/ports/regional-store.ts";
import { hash64 } from "#domain/ring/hash.ts";

/**
 * What one session has seen of one partition: the newest version of each key, tombstones included. Keys are hashed; two keys of one
 * hash share the greater version, which only sends more reads to the leader.
 */
export interface SessionToken {
	/** `hash64` of the partition's name. */
	readonly partition: bigint;
	/** It has seen more keys than it may hold, and remembers none: only the leader can answer. */
	readonly overflown: boolean;
	/** By `hash64` of the key; at most `MAX_SEEN_KEYS`, none when overflown. */
	readonly seen: ReadonlyMap<bigint, Version>;
}

/** Keys that a token holds: 60 stay below 2 KiB as a header (session-token-codec.ts), whatever their versions are. */
export const MAX_SEEN_KEYS = 60;

/** The token of a session that has seen nothing of the partition. */
export const emptyToken = (partition: PartitionId): SessionToken => ({
	partition: hash64(partition),
	overflown: false,
	seen: new Map(),
});

/** The token after the session has seen these versions as well. */
export const withSeen = (token: SessionToken, seen: readonly HeldVersion[]): SessionToken =>
	joined(
		token,
		seen.map(({ key, version }) => [hash64(key), version]),
	);

/** The token of a session that has seen what both have: of each key the newer version. @throws RangeError for tokens of two partitions */
export function mergeTokens(a: SessionToken, b: SessionToken): SessionToken {
	if (a.partition !== b.partition) throw new RangeError("tokens of two partitions have nothing in common");
	return b.overflown ? overflown(a) : joined(a, [...b.seen]);
}

/**
 * Whether a copy that holds `stored` of the key may answer this session: it knows the key, and nothing newer has been seen. An absent
 * key may be one that has not come yet, so only the leader may say that there is none.
 */
export function mayAnswer(token: SessionToken, key: string, stored: Version | undefined): boolean {
	if (token.overflown || stored === undefined) return false;
	const seen = token.seen.get(hash64(key));
	return seen === undefined || compareVersions(stored, seen) >= 0;
}

function joined(token: SessionToken, more: readonly (readonly [bigint, Version])[]): SessionToken {
	if (token.overflown) return token;
	const seen = new Map(token.seen);
	for (const [hash, version] of more) {
		const known = seen.get(hash);
		if (known === undefined || compareVersions(version, known) > 0) seen.set(hash, version);
	}
	return seen.size > MAX_SEEN_KEYS ? overflown(token) : { ...token, seen };
}

const overflown = ({ partition }: SessionToken): SessionToken => ({ partition, overflown: true, seen: new Map() });
