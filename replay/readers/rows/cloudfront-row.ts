import { locateEdge } from "#domain/geography/edge-locations.ts";
import type { ViewerHint } from "#domain/geography/locate.ts";
import { isRegionId } from "#domain/geography/region-id.ts";
import { parseHeaders } from "#domain/prediction/access-record.ts";
import { AccessOp, type AccessRow } from "#replay/readers/access-row.ts";
import { encodeName } from "#replay/readers/encode-partition.ts";
import { LogError } from "#replay/readers/log-error.ts";
import { parseTime } from "#replay/readers/parse-time.ts";
import { CLOUDFRONT_COLUMNS, type CloudFrontColumn } from "#replay/readers/rows/cloudfront-columns.ts";
import { MAX_SEGMENT_LENGTH } from "#replay/readers/rows/plain-row.ts";
import type { RowContext, RowParser } from "#replay/readers/rows/row-context.ts";
import { SkipReason } from "#replay/readers/skips.ts";

type Fields = readonly string[];
type At = (fields: Fields, name: CloudFrontColumn) => string;

/** Where the partition rule finds its text, most exact first. */
const RULE_COLUMNS = {
	path: ["cs_uri_stem"],
	host: ["x_host_header", "cs_host", "r_host"],
	query: ["cs_uri_query", "cs_uri_stem"],
} as const satisfies Record<string, readonly CloudFrontColumn[]>;

/**
 * Reads records of CloudFront standard logs (v2 or legacy) and real-time logs.
 *
 * @throws LogError where a field that is needed is not among the columns
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
 */
export function cloudFrontParser(file: string, names: readonly string[], context: RowContext): RowParser {
	const index = new Map(CLOUDFRONT_COLUMNS.map((name) => [name, names.indexOf(name)]));
	const has = (name: CloudFrontColumn): boolean => (index.get(name) ?? -1) >= 0;
	requireFields(file, has, RULE_COLUMNS[context.partitionRule.source]);
	const at: At = (fields, name) => {
		const text = (fields[index.get(name) ?? -1] ?? "").trim();
		return text === "-" ? "" : text;
	};
	return (fields, line) => (fields.length === names.length ? readRow(fields, line, at, context) : SkipReason.BadRow);
}

function requireFields(file: string, has: (name: CloudFrontColumn) => boolean, ruleColumns: readonly CloudFrontColumn[]): void {
	const missing = [
		!has("timestamp_ms") && !has("timestamp") && !(has("date") && has("time")) && "timestamp(ms), or date and time",
		!ruleColumns.some(has) && ruleColumns.map((name) => name.replaceAll("_", "-")).join(" or "),
		!has("c_country") && !has("x_edge_location") && "c-country or x-edge-location",
	].filter((problem) => problem !== false);
	if (missing.length > 0)
		throw new LogError("log.bad-header", file, `this CloudFront log lacks ${missing.join(" and ")}; add it to the log's fields`);
}

function readRow(fields: Fields, line: number, at: At, context: RowContext): AccessRow | SkipReason {
	const tsMs = parseTime(at(fields, "timestamp_ms") || at(fields, "timestamp") || `${at(fields, "date")}T${at(fields, "time")}Z`);
	if (tsMs === undefined) return SkipReason.BadTime;
	if (tsMs < context.fromMs || tsMs >= context.toMs) return SkipReason.OutOfRange;
	const status = at(fields, "sc_status");
	if (status !== "" && !(Number(status) >= 100 && Number(status) < 500)) return SkipReason.NotServed;
	const name = findName(fields, at, context);
	if (name === "") return SkipReason.NoPartition;
	const partition = context.partitionRule.encode(name);
	if (partition === undefined) return SkipReason.PartitionTooLong;
	const headers = parseHeaders(at(fields, "cs_headers"));
	const region = locateViewer(fields, at, headers.get("x-viewer-region"), context);
	if (region.kind === "unlocated") return region.reason;
	const segment = encodeName(headers.get("x-heliotrope-segment") ?? "");
	if (segment.length > MAX_SEGMENT_LENGTH) return SkipReason.SegmentTooLong;
	const { op, bytes } = readTransfer(fields, at);
	return {
		tsMs,
		partition,
		region: region.region,
		count: 1,
		line,
		op,
		...(bytes === undefined ? {} : { bytes }),
		...(segment === "" ? {} : { segment }),
	};
}

/** The name as the request meant it. A log may have encoded `/` and what else the rule looks for, so the decoded text is tried as well. */
function findName(fields: Fields, at: At, { partitionRule: { source, find } }: RowContext): string {
	for (const column of RULE_COLUMNS[source]) {
		const text = at(fields, column);
		const name = decode(decode(find(text) ?? find(decode(text)) ?? "")).trim();
		if (name !== "") return name;
	}
	return "";
}

/** The edge is nearer to the viewer than the middle of a large country is; the country decides where the edge is not known. */
function locateViewer(fields: Fields, at: At, viewerRegion: string | undefined, { locate }: RowContext) {
	const edge = at(fields, "x_edge_location");
	const country = at(fields, "c_country");
	const region = viewerRegion ?? (isRegionId(edge) ? edge : undefined);
	const hint: ViewerHint = { ...(region === undefined ? {} : { region }), ...locateEdge(edge), ...(country === "" ? {} : { country }) };
	const viewer = locate(hint);
	if (viewer.kind === "located" || edge === "" || country !== "") return viewer;
	return { kind: "unlocated", reason: SkipReason.UnknownEdge } as const;
}

const READS = new Set(["GET", "HEAD", "OPTIONS"]);

function readTransfer(fields: Fields, at: At): { op: AccessOp; bytes: number | undefined } {
	const op = READS.has(at(fields, "cs_method").toUpperCase()) ? AccessOp.Read : AccessOp.Write;
	const text = at(fields, op === AccessOp.Read ? "sc_bytes" : "cs_bytes");
	return { op, bytes: /^\d{1,15}$/.test(text) ? Number(text) : undefined };
}

/** Applied twice: the log encodes what the request had encoded already, so that `%2520` is a space. */
function decode(text: string): string {
	if (!text.includes("%")) return text;
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}
