const decoder = new TextDecoder();

/** A value of JSON or Parquet as the text that a CSV file would hold; empty for what is absent or no single value. */
export function textOf(value: unknown): string {
	if (typeof value === "string") return value;
	if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return String(value);
	if (value instanceof Date) return Number.isNaN(value.getTime()) ? "" : value.toISOString();
	return value instanceof Uint8Array ? decoder.decode(value) : "";
}
