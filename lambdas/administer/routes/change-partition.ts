import * as z from "zod";
import type { RegionId } from "#domain/geography/region-id.ts";
import { regionSchema } from "#domain/geography/region-schema.ts";
import { allowsCopyIn, type PartitionRecord, Phase } from "#domain/partition/record.ts";
import { findRecord } from "#lambdas/administer/find-record.ts";
import { AdminProblem, type AdminRequest, type AdminResponse, answer, parseBody } from "#lambdas/administer/http.ts";
import type { AdminPorts } from "#lambdas/administer/ports.ts";
import type { PathParameters } from "#lambdas/administer/router.ts";

const bodySchema = z
	.strictObject({
		/** `null` lifts the pin. */
		pin: regionSchema.nullable().optional(),
		/** The regions that may hold a copy; `null` means any. */
		residency: z.array(regionSchema).min(1).nullable().optional(),
		freeze: z.boolean().optional(),
	})
	.refine((change) => Object.keys(change).length > 0, "names nothing to change: pin, residency or freeze");
type PolicyChange = z.infer<typeof bodySchema>;

/** A record is written by few; losing this often in a row means that something is wrong. */
const ATTEMPTS = 5;

/** `PATCH partitions/{partition}`: pin, residency, freeze. Fields that are left out stay as they are. */
export async function changePartition(ports: AdminPorts, request: AdminRequest, parameters: PathParameters): Promise<AdminResponse> {
	const change = parseBody(request, bodySchema);
	checkDeployed(ports.regions, change);
	for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
		const record = await findRecord(ports, parameters);
		const next = applyPolicy(record, change, ports.clock.nowMs());
		const outcome = await ports.metadata.replace(next);
		if (outcome.kind === "written") return answer(200, outcome.record);
	}
	throw new AdminProblem(503, "partition.contended", "the record kept changing; nothing was changed");
}

/** The record with its new policy. @throws AdminProblem 409 where present copies would break a new residency rule, or a pin would */
export function applyPolicy(record: PartitionRecord, change: PolicyChange, nowMs: number): PartitionRecord {
	const { pin: oldPin, residency: oldResidency, frozen: oldFrozen, ...rest } = record;
	const pin = change.pin === undefined ? oldPin : (change.pin ?? undefined);
	const residency = change.residency === undefined ? oldResidency : (change.residency ?? undefined);
	const frozen = change.freeze ?? oldFrozen;
	const next: PartitionRecord = {
		...rest,
		...(pin === undefined ? {} : { pin }),
		...(residency === undefined ? {} : { residency }),
		...(frozen === undefined ? {} : { frozen }),
		version: record.version + 1,
		updatedAtMs: nowMs,
	};
	if (change.residency !== undefined) checkResidency(next);
	if (pin !== undefined && !allowsCopyIn(next, pin)) {
		throw new AdminProblem(409, "partition.pin-excluded", `the residency rule excludes ${pin}, where the partition is pinned`);
	}
	return next;
}

function checkResidency(next: PartitionRecord): void {
	if (next.phase !== Phase.Active) {
		throw new AdminProblem(409, "migration.under-way", "a migration may hold a copy that the new rule excludes; wait for it or cancel it", {
			migrationId: next.migrationId,
		});
	}
	const excluded = [next.leader, ...next.followers].filter((region) => !allowsCopyIn(next, region));
	if (excluded.length > 0) {
		throw new AdminProblem(409, "partition.residency-violated", `there is a copy in ${excluded.join(", ")}; move it first`);
	}
}

function checkDeployed(regions: readonly RegionId[], change: PolicyChange): void {
	const named = [...(change.residency ?? []), ...(change.pin == null ? [] : [change.pin])];
	const unknown = named.filter((region) => !regions.includes(region));
	if (unknown.length > 0) throw new AdminProblem(422, "region.unknown", `${unknown.join(", ")} is no region of this deployment`);
}
