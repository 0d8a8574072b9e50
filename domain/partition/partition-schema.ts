import * as z from "zod";
import { isPartitionId, type PartitionId } from "#domain/partition/partition-id.ts";

/** A partition's name at a border. */
export const partitionSchema = z.custom<PartitionId>(
	(value) => typeof value === "string" && isPartitionId(value),
	"expected 1 to 128 of A-Z a-z 0-9 . _ ~ : -",
);
