/** A column of the archive, and its type in Glue and Parquet. */
export interface ArchiveColumn {
	readonly name: string;
	readonly type: "string" | "bigint" | "int";
}

/** Where accesses go for training: Parquet in S3, a folder a day, one row an access; `npx heliotrope replay` and `train` read these columns. */
export const ACCESS_ARCHIVE = {
	function: "archive-accesses",
	prefix: "accesses/day=!{timestamp:yyyy-MM-dd}/",
	errorPrefix: "errors/!{firehose:error-output-type}/day=!{timestamp:yyyy-MM-dd}/",
	columns: [
		/** ISO 8601, UTC. */
		{ name: "ts", type: "string" },
		{ name: "partition", type: "string" },
		/** The deployed region nearest to the viewer. */
		{ name: "region", type: "string" },
		/** ISO 3166-1 alpha-2; empty where CloudFront did not know it. */
		{ name: "country", type: "string" },
		/** Empty where the viewer has none. */
		{ name: "segment", type: "string" },
		/** `read` or `write`. */
		{ name: "op", type: "string" },
		{ name: "status", type: "int" },
		/** Sent to the viewer. */
		{ name: "bytes", type: "bigint" },
	] satisfies readonly ArchiveColumn[],
	/** Days before a row is moved to the infrequent class, and before it is deleted. */
	infrequentAfterDays: 30,
	deletedAfterDays: 400,
	/** Days before what could not be made a row is deleted: it lies as it came, with whatever headers a viewer has sent. */
	errorsDeletedAfterDays: 7,
} as const;
