/**
 * CloudFront real-time log fields, as they reach Kinesis (tab-separated). Records have them in the order of CloudFront's documentation,
 * whatever order a configuration names them in.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/real-time-logs.html
 */
export const REAL_TIME_LOG_FIELDS = [
	"timestamp",
	"sc-status",
	"sc-bytes",
	"cs-method",
	"cs-uri-stem",
	"cs-bytes",
	"x-edge-location",
	"x-edge-request-id",
	"time-taken",
	"x-edge-detailed-result-type",
	"c-country",
	"cs-headers",
	"r-host",
] as const;
