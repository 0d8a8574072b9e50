import { gzipSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";
import { REAL_TIME_LOG_FIELDS } from "#domain/prediction/real-time-log.ts";

/** An access as a test states it, before it is written in some format. */
export interface WrittenAccess {
	readonly tsMs: number;
	/** Any text: it is encoded as the format demands. */
	readonly partition: string;
	readonly country: string;
	readonly op: "read" | "write";
	readonly bytes: number;
}

/** The partition stands at the second place of the path; the rest is what an application may have there. */
export const TEMPLATE = "/tenants/{partition}/*";

const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;

export const asCsv = (accesses: readonly WrittenAccess[]): string =>
	[
		"ts,partition,country,op,bytes",
		...accesses.map(({ tsMs, partition, country, op, bytes }) => `${tsMs},${quote(partition)},${country},${op},${bytes}`),
	].join("\n");

/** The fields of a CloudFront log, encoded as CloudFront does: what the request has encoded is encoded once more. */
function fieldsOf({ tsMs, partition, country, op, bytes }: WrittenAccess): Record<string, string> {
	const at = new Date(tsMs).toISOString();
	return {
		date: at.slice(0, 10),
		time: at.slice(11, 19),
		"timestamp(ms)": String(tsMs),
		"x-edge-location": "-",
		"c-country": country,
		"cs-method": op === "read" ? "GET" : "PUT",
		"cs-uri-stem": encodeURIComponent(`/tenants/${encodeURIComponent(partition)}/notes/1`).replaceAll("%2F", "/"),
		"cs-uri-query": "-",
		"sc-status": "200",
		"sc-bytes": op === "read" ? String(bytes) : "17",
		"cs-bytes": op === "read" ? "23" : String(bytes),
		"x-host-header": "app.example.com",
		"cs(User-Agent)": "Mozilla/5.0%20(X11)",
	};
}

export function asW3c(accesses: readonly WrittenAccess[]): string {
	const records = accesses.map(fieldsOf);
	const names = Object.keys(fieldsOf({ tsMs: 0, partition: "p", country: "JP", op: "read", bytes: 0 }));
	return ["#Version: 1.0", `#Fields: ${names.join(" ")}`, ...records.map((record) => Object.values(record).join("\t"))].join("\n");
}

export const asJsonLines = (accesses: readonly WrittenAccess[]): string =>
	accesses.map((access) => JSON.stringify(fieldsOf(access))).join("\n");

export function asRealTime(accesses: readonly WrittenAccess[]): string {
	return accesses
		.map((access) => {
			const fields: Record<string, string> = { ...fieldsOf(access), timestamp: (access.tsMs / 1000).toFixed(3), "x-edge-request-id": "id" };
			return REAL_TIME_LOG_FIELDS.map((name) => fields[name] ?? "-").join("\t");
		})
		.join("\n");
}

/** Row groups of `rowGroupSize` rows. */
export function asParquet(accesses: readonly WrittenAccess[], rowGroupSize = 1000): Buffer {
	const records = accesses.map(fieldsOf);
	const names = Object.keys(records[0] ?? {});
	const columnData = names.map((name) => ({
		name: name.replaceAll("-", "_"),
		data: records.map((record) => record[name] ?? ""),
		type: "STRING" as const,
	}));
	return Buffer.from(parquetWriteBuffer({ columnData, rowGroupSize }));
}

/** What a Parquet writer of one's own makes: the columns of a CSV log, with the types that fit. */
export function asPlainParquet(accesses: readonly WrittenAccess[]): Buffer {
	return Buffer.from(
		parquetWriteBuffer({
			columnData: [
				{ name: "ts", data: accesses.map(({ tsMs }) => new Date(tsMs)), type: "TIMESTAMP" },
				{ name: "partition", data: accesses.map(({ partition }) => partition), type: "STRING" },
				{ name: "country", data: accesses.map(({ country }) => country), type: "STRING" },
				{ name: "op", data: accesses.map(({ op }) => op), type: "STRING" },
				{ name: "bytes", data: accesses.map(({ bytes }) => BigInt(bytes)), type: "INT64" },
			],
		}),
	);
}

export const asPlainJson = (accesses: readonly WrittenAccess[]): string =>
	accesses.map(({ tsMs, ...access }) => JSON.stringify({ ts: tsMs, ...access })).join("\n");

export const gzipped = (text: string): Buffer => gzipSync(text);
