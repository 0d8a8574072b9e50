/** CloudFront real-time log fields, in the order in which they reach Kinesis (tab-separated). */
export const REAL_TIME_LOG_FIELDS = [
	"timestamp",
	"c-country",
	"sc-status",
	"sc-bytes",
	"cs-method",
	"cs-uri-stem",
	"cs-bytes",
	"x-edge-location",
	"x-edge-request-id",
	"time-taken",
	"x-edge-detailed-result-type",
	"cs-headers",
	"r-host",
] as const;
