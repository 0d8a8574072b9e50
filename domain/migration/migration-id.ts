import type { PartitionId } from "#domain/partition/partition-id.ts";
import { hash64 } from "#domain/ring/hash.ts";

/** How much of the partition's name stays readable in an id; with hash and epoch the whole stays below 72 of the 80 characters of an execution name. */
const READABLE_CHARACTERS = 40;

/**
 * The id of the one migration that may claim `partition` at `epoch`: equal wherever it is computed, so that two starters name the
 * same execution. Characters `A-Za-z0-9_-`, at most 72, which leaves room for the suffix of a restarted execution.
 *
 * Every migration ends at a higher epoch than it claimed, so an id is never needed twice.
 */
export function migrationIdOf(partition: PartitionId, epoch: number): string {
	const readable = partition.replaceAll(/[^A-Za-z0-9_-]/g, "-").slice(0, READABLE_CHARACTERS);
	const hash = hash64(partition).toString(36).padStart(13, "0").slice(0, 10);
	return `${readable}-${hash}-e${epoch}`;
}
