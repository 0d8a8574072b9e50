import type { LambdaFunctionURLEvent } from "aws-lambda";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { DataPlaneDeps } from "#lambdas/serve-data/deps.ts";
import { headersField, toLogLine } from "#lambdas/shared/access-line.ts";

/** What a request came to, as far as its access record says it. */
export interface ServedAccess {
	readonly event: LambdaFunctionURLEvent;
	readonly partition: PartitionId;
	readonly requestId: string;
	readonly status: number;
	readonly startedAtMs: number;
	readonly endedAtMs: number;
	/** The region that ran the handler: where the viewer is taken to be when nothing else says it. */
	readonly region: string;
}

/**
 * The access as a CloudFront real-time log line, which the counting function reads: forecasts learn of it as of requests through the
 * edge. The path is that of the data API, whatever the application calls it; neither queries nor keys are in it.
 */
function accessLine({ event, partition, requestId, status, startedAtMs, endedAtMs, region }: ServedAccess): string {
	const { headers } = event;
	const viewer = headers["x-heliotrope-edge-region"] ?? region;
	const segment = headers["x-heliotrope-segment"];
	return toLogLine({
		timestamp: (startedAtMs / 1000).toFixed(3),
		"c-country": headers["cloudfront-viewer-country"] ?? "",
		"sc-status": String(status),
		"sc-bytes": "",
		"cs-method": event.requestContext.http.method,
		"cs-uri-stem": `/v1/partitions/${encodeURIComponent(partition)}/application`,
		"cs-bytes": headers["content-length"] ?? "",
		"x-edge-location": "",
		"x-edge-request-id": requestId,
		"time-taken": ((endedAtMs - startedAtMs) / 1000).toFixed(3),
		"x-edge-detailed-result-type": status >= 500 ? "Error" : "Miss",
		"cs-headers": headersField({ "x-viewer-region": viewer, ...(segment !== undefined && { "x-heliotrope-segment": segment }) }),
		"r-host": event.requestContext.domainName,
	});
}

/** Takes a record as a line. */
export type Emit = (line: string) => Promise<void> | void;

/** Emits the record of an access, once. Never throws: the request has been served by now, and a record that is lost is no reason for another answer. */
export async function recordAccess(access: ServedAccess, emit: Emit, log: DataPlaneDeps["log"]): Promise<void> {
	try {
		await emit(accessLine(access));
	} catch (error) {
		const { region, requestId } = access;
		log({ level: "warn", event: "guard.access-not-recorded", region, requestId, ...nameOf(error) });
	}
}

/** Not its message: that is the application's own, and may quote anything. */
function nameOf(error: unknown): { readonly name: string; readonly code?: string } {
	if (!(error instanceof Error)) return { name: typeof error };
	return { name: error.name, ...("code" in error && typeof error.code === "string" && { code: error.code }) };
}
