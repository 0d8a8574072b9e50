import { isPartitionId, type PartitionId } from "#domain/partition/partition-id.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";
import { AdminProblem } from "#lambdas/administer/http.ts";
import type { AdminPorts } from "#lambdas/administer/ports.ts";
import type { PathParameters } from "#lambdas/administer/router.ts";

/** The partition of a path. @throws AdminProblem 400 */
export function partitionOf({ partition = "" }: PathParameters): PartitionId {
	if (isPartitionId(partition)) return partition;
	throw new AdminProblem(400, "partition.invalid", "a partition is 1 to 128 of A-Z a-z 0-9 . _ ~ : -");
}

/** The record of a path's partition, from the control region. @throws AdminProblem 400, 404 */
export async function findRecord({ metadata }: AdminPorts, parameters: PathParameters): Promise<PartitionRecord> {
	const partition = partitionOf(parameters);
	const record = await metadata.readControl(partition);
	if (record === undefined) throw new AdminProblem(404, "partition.unknown", `there is no partition ${partition}`);
	return record;
}
