/**
 * Headers that the edge alone sets for data planes. A viewer's headers of these names never arrive: the edge removes every
 * `x-heliotrope-` header that `VIEWER_HEADERS` does not name, and sets these anew.
 */
export const EdgeHeader = {
	/** The deployed region nearest to the viewer's edge. */
	EdgeRegion: "x-heliotrope-edge-region",
	/** Bucket count of the route, where the route is known. */
	Buckets: "x-heliotrope-buckets",
	/** `1` where the canary sent the client. */
	Canary: "x-heliotrope-canary",
	RequestId: "x-heliotrope-request-id",
	/** The partition that the request was routed by. */
	Partition: "x-heliotrope-partition",
	/** What the viewer sent as `Authorization`, which the signature of the edge takes the place of. */
	ViewerAuthorization: "x-heliotrope-authorization",
} as const;
export type EdgeHeader = (typeof EdgeHeader)[keyof typeof EdgeHeader];

/** `x-heliotrope-` headers that a viewer may send on to the data plane. */
export const VIEWER_HEADERS: ReadonlySet<string> = new Set([
	"x-heliotrope-consistency",
	"x-heliotrope-session",
	"x-heliotrope-segment",
	"x-heliotrope-timeout-ms",
]);
