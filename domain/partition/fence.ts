import type { RegionId } from "#domain/geography/region-id.ts";

/** What a region is to a bucket. The fence, not the metadata table, is the truth. */
export const FenceRole = {
	/** Accepts writes. */
	Leader: "leader",
	/** A complete copy. */
	Follower: "follower",
	/** A copy being filled; not complete. */
	Joining: "joining",
	/** A leader in cutover: requests wait here. */
	Fenced: "fenced",
	/** A former follower whose items are being deleted after proof. */
	Removing: "removing",
	/** Nothing is left here; forwards stragglers to `leader` until it expires. */
	Moved: "moved",
	/** This epoch was decided against this region; expires like `moved`. */
	Aborted: "aborted",
} as const;
export type FenceRole = (typeof FenceRole)[keyof typeof FenceRole];

/** How the leader writes: `steady` is one conditional update, `guarded` a transaction over fence, item and journal. */
export const WriteMode = { Steady: "steady", Guarded: "guarded" } as const;
export type WriteMode = (typeof WriteMode)[keyof typeof WriteMode];

/** One small record per bucket, in the regional table under the same partition key as the bucket's items. */
export interface Fence {
	readonly role: FenceRole;
	readonly epoch: number;
	readonly mode: WriteMode;
	/** Grows with every guarded write. */
	readonly seq: number;
	/** Regions to which this bucket's writes are carried; empty when there is no other copy. */
	readonly peers: readonly RegionId[];
	/** Who leads, as far as this region knows; itself where role is leader. */
	readonly leader: RegionId;
	/** The partition's bucket count in this copy generation; a request that carries another is refused. */
	readonly buckets: number;
	/** The migration that holds this fence; absent when none does. */
	readonly migrationId?: string;
	/** Unix seconds after which the record may vanish (`moved`, `aborted`); absent otherwise. */
	readonly expiresAt?: number;
}

/** What a fence must still say for a change to apply. Every field given must match; `absent` means no record. */
export type FenceExpectation =
	| "absent"
	| {
			readonly role?: FenceRole | readonly FenceRole[];
			readonly epoch?: number;
			readonly mode?: WriteMode;
			/** `null`: the fence must hold no migration. */
			readonly migrationId?: string | null;
	  };

/** One fence of a transaction over all buckets of a region. `next` replaces the record whole but for `seq`, which `next.seq` resets only where given. */
export interface FenceChange {
	readonly bucket: number;
	readonly expect: FenceExpectation;
	/** `"delete"` removes the record. Without `seq` the stored value is kept (0 for a new record). */
	readonly next: (Omit<Fence, "seq"> & { readonly seq?: number }) | "delete";
}
