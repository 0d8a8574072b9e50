/** The fields of CloudFront logs that are read, spelled as {@link columnName} does. */
export const CLOUDFRONT_COLUMNS = [
	"date",
	"time",
	"timestamp",
	"timestamp_ms",
	"c_country",
	"x_edge_location",
	"sc_status",
	"sc_bytes",
	"cs_bytes",
	"cs_method",
	"cs_uri_stem",
	"cs_uri_query",
	"cs_host",
	"x_host_header",
	"r_host",
	"cs_headers",
] as const;
export type CloudFrontColumn = (typeof CLOUDFRONT_COLUMNS)[number];
