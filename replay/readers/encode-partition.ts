import { isPartitionId, type PartitionId } from "#domain/partition/partition-id.ts";

const PLAIN = /^[A-Za-z0-9._-]*$/;
const encoder = new TextEncoder();

/**
 * A name of a log as a partition of the data API, reversibly: `A-Z a-z 0-9 . _ -` stay, `/` becomes `:`, every other byte of the
 * UTF-8 (and so `:` and `~`) becomes `~XX`. A leading dot of `.` and `..` is encoded as well, since clients resolve such path segments.
 * Undefined when the result is empty or longer than 128.
 */
export function encodePartition(name: string): PartitionId | undefined {
	const encoded = encodeName(name);
	return isPartitionId(encoded) ? encoded : undefined;
}

/** The encoding of {@link encodePartition} without its limit of length. */
export function encodeName(name: string): string {
	if (name === "." || name === "..") return `~2E${name.slice(1)}`;
	if (PLAIN.test(name)) return name;
	let encoded = "";
	for (const byte of encoder.encode(name)) encoded += encodeByte(byte);
	return encoded;
}

/** The name that {@link encodePartition} was given. @throws URIError for text that it did not make. */
export const decodePartition = (partition: string): string => decodeURIComponent(partition.replaceAll(":", "/").replaceAll("~", "%"));

const encodeByte = (byte: number): string => {
	const character = String.fromCharCode(byte);
	if (character === "/") return ":";
	return byte < 0x80 && PLAIN.test(character) ? character : `~${byte.toString(16).toUpperCase().padStart(2, "0")}`;
};
