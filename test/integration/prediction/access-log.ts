import { REAL_TIME_LOG_FIELDS } from "#infra/description/event-sources.ts";

export interface LogEntry {
	readonly atMs: number;
	readonly partition: string;
	readonly region: string;
	readonly requestId: string;
	readonly segment?: string;
	readonly status?: number;
	/** The region whose data plane was asked; absent where none was. */
	readonly served?: string;
	readonly tookMs?: number;
}

/** One real-time log line as the edge writes it. */
export function logLine({ atMs, partition, region, requestId, segment, status = 200, served, tookMs = 10 }: LogEntry): string {
	const headers = [`x-viewer-region:${region}`, ...(segment === undefined ? [] : [`x-heliotrope-segment:${segment}`])].join("\n");
	const fields: Record<(typeof REAL_TIME_LOG_FIELDS)[number], string> = {
		timestamp: (atMs / 1000).toFixed(3),
		"c-country": "-",
		"sc-status": String(status),
		"sc-bytes": "100",
		"cs-method": "GET",
		"cs-uri-stem": `/v1/partitions/${partition}/items/a`,
		"cs-bytes": "50",
		"x-edge-location": region,
		"x-edge-request-id": requestId,
		"time-taken": (tookMs / 1000).toFixed(3),
		"x-edge-detailed-result-type": "Miss",
		"cs-headers": encodeURIComponent(headers),
		"r-host": served === undefined ? "-" : `data.lambda-url.${served}.on.aws`,
	};
	return REAL_TIME_LOG_FIELDS.map((name) => fields[name]).join("\t");
}

export interface WindowCall {
	readonly lines: readonly string[];
	readonly endMs: number;
	readonly state?: unknown;
	readonly final?: boolean;
	/** Sequence number of the first line. */
	readonly sequence?: number;
}

/** One call of a tumbling window as the Kinesis event source mapping makes it. */
export const windowEvent = ({ lines, endMs, state, final = true, sequence = 0 }: WindowCall) => ({
	Records: lines.map((line, index) => ({
		kinesis: {
			data: Buffer.from(line).toString("base64"),
			sequenceNumber: String(sequence + index).padStart(16, "0"),
			partitionKey: "p",
			kinesisSchemaVersion: "1.0",
			approximateArrivalTimestamp: endMs / 1000,
		},
		eventID: `shardId-0:${sequence + index}`,
		eventSource: "aws:kinesis",
	})),
	window: { start: new Date(endMs - 60_000).toISOString(), end: new Date(endMs).toISOString() },
	state: state ?? {},
	shardId: "shardId-000000000000",
	eventSourceARN: "arn:aws:kinesis:eu-west-1:000000000000:stream/accesses",
	isFinalInvokeForWindow: final,
	isWindowTerminatedEarly: false,
});
