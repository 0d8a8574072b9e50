import { OperatingError } from "#domain/shared/errors.ts";

/** A state whose numbers are none. A retry does not help. */
export class InvalidStateError extends OperatingError {
	override name = "InvalidStateError";
	constructor(why: string) {
		super(`a state of the forecast cannot be read: ${why}`, { code: "prediction.invalid-state", retryable: false });
	}
}

/** Numbers in base64, as they lie in memory: little-endian on every platform that Node runs on. */
export const pack = (values: Float64Array | Float32Array): string =>
	Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64");

/** @throws InvalidStateError for another count of numbers, and for numbers that are no counts */
export const unpack64 = (text: string, count: number): Float64Array => filled(new Float64Array(count), text);
/** @throws InvalidStateError */
export const unpack32 = (text: string, count: number): Float32Array => filled(new Float32Array(count), text);

function filled<T extends Float64Array | Float32Array>(values: T, text: string): T {
	const bytes = Buffer.from(text, "base64");
	if (bytes.length !== values.byteLength) throw new InvalidStateError(`${bytes.length} bytes where ${values.byteLength} belong`);
	new Uint8Array(values.buffer).set(bytes);
	for (const value of values) if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) throw new InvalidStateError(`a count of ${value}`);
	return values;
}
