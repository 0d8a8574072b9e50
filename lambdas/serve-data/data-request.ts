import type { Consistency } from "#domain/partition/consistency.ts";
import type { Precondition } from "#domain/partition/item.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { SessionToken } from "#domain/partition/session-token.ts";

/** One operation on one item. */
export type ItemOperation =
	| { readonly kind: "get"; readonly key: string; readonly ifNoneMatch?: string }
	| {
			readonly kind: "put";
			readonly key: string;
			readonly body: Uint8Array;
			readonly contentType: string;
			readonly precondition: Precondition;
	  }
	| { readonly kind: "delete"; readonly key: string; readonly precondition: Precondition };

export interface ListOperation {
	readonly kind: "list";
	readonly prefix: string;
	/** 1..1000 */
	readonly limit: number;
	/** As it came; it says where the page before ended (cursor.ts). */
	readonly cursor?: string;
}

export interface BatchOperation {
	readonly kind: "batch";
	/** 1..25, carried out in order. */
	readonly operations: readonly ItemOperation[];
}

/** The request as it came, so that it can be sent on unchanged. */
export interface IncomingRequest {
	readonly method: string;
	/** Percent-encoded as received. */
	readonly path: string;
	/** Without the question mark; empty when there is none. */
	readonly query: string;
	/** Names in lower case. */
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Uint8Array;
}

/** A request of the data API, understood. */
export interface DataRequest {
	readonly partition: PartitionId;
	readonly operation: ItemOperation | ListOperation | BatchOperation;
	readonly asked: AskedConsistency;
	/** Given where the request's writes must not happen twice. */
	readonly idempotencyKey?: string;
	readonly route: RouteHints;
	readonly incoming: IncomingRequest;
}

/** The consistency asked for, and for a session what it has seen so far. */
export type AskedConsistency =
	| { readonly consistency: typeof Consistency.Linearizable | typeof Consistency.Eventual }
	| { readonly consistency: typeof Consistency.Session; readonly token: SessionToken };

/** What the edge, or the region that forwarded, says of the way so far. Hints: fences decide. */
export interface RouteHints {
	/** How often the request has been forwarded between regions. */
	readonly hops: number;
	/** Bucket count of the route, 1..64. */
	readonly buckets?: number;
	readonly canary: boolean;
}
