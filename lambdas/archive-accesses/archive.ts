import * as z from "zod";
import { type AccessReader, type LogFields, parseAccess, present } from "#domain/prediction/access-record.ts";
import { REAL_TIME_LOG_FIELDS } from "#infra/description/event-sources.ts";

/** What Firehose asks a transformation. @see https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-status-model.html */
const eventSchema = z.object({ records: z.array(z.object({ recordId: z.string(), data: z.base64() })) });

/** One record as Firehose takes it back; `Dropped` is no failure. */
export interface ArchivedRecord {
	readonly recordId: string;
	readonly result: "Ok" | "Dropped";
	readonly data: string;
}

export interface ArchiveDeps extends AccessReader {
	readonly nowMs: () => number;
}

const WRITES = new Set(["PUT", "POST", "DELETE"]);

/** Log lines in, rows of the archive (infra/description/access-archive.ts) out, as JSON. What counts as no access is dropped. */
export function archiveAccesses(deps: ArchiveDeps, event: unknown): { readonly records: readonly ArchivedRecord[] } {
	const { records } = eventSchema.parse(event);
	return { records: records.map(({ recordId, data }) => archived(deps, recordId, data)) };
}

function archived({ nowMs, ...reader }: ArchiveDeps, recordId: string, data: string): ArchivedRecord {
	const fields = fieldsOf(Buffer.from(data, "base64").toString("utf8"));
	const parsed = parseAccess(fields, reader, nowMs());
	if (parsed.kind === "skipped") return { recordId, result: "Dropped", data };
	const row = {
		ts: new Date(Number(fields["timestamp"]) * 1000).toISOString(),
		partition: parsed.access.partition,
		region: parsed.access.region,
		country: present(fields["c-country"]) ?? "",
		segment: parsed.access.segment,
		op: WRITES.has(fields["cs-method"] ?? "") ? "write" : "read",
		status: Number(fields["sc-status"]),
		bytes: Number(present(fields["sc-bytes"]) ?? 0),
	};
	return { recordId, result: "Ok", data: Buffer.from(JSON.stringify(row)).toString("base64") };
}

function fieldsOf(line: string): LogFields {
	const values = line.trimEnd().split("\t");
	return Object.fromEntries(REAL_TIME_LOG_FIELDS.map((name, index) => [name, values[index]]));
}
