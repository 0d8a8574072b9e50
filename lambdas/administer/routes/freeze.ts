import * as z from "zod";
import { regionSchema } from "#domain/geography/region-schema.ts";
import { AdminProblem, type AdminRequest, type AdminResponse, answer, parseBody } from "#lambdas/administer/http.ts";
import type { AdminPorts } from "#lambdas/administer/ports.ts";

const regions = z.array(regionSchema).default([]);
const freezeSchema = z.strictObject({ global: z.boolean(), regions });
const changeSchema = z
	.strictObject({ global: z.boolean().optional(), freezeRegions: regions, unfreezeRegions: regions })
	.refine(
		(change) => change.global !== undefined || change.freezeRegions.length + change.unfreezeRegions.length > 0,
		"names nothing to change",
	);

/** `PUT freeze`: the switches as given. */
export async function writeFreeze(ports: AdminPorts, request: AdminRequest): Promise<AdminResponse> {
	const freeze = parseBody(request, freezeSchema);
	checkDeployed(ports, freeze.regions);
	await ports.metadata.writeFreeze(freeze);
	return answer(200, freeze);
}

/** `PATCH freeze`: some switches; the others stay as they are. */
export async function changeFreeze(ports: AdminPorts, request: AdminRequest): Promise<AdminResponse> {
	const { global, freezeRegions, unfreezeRegions } = parseBody(request, changeSchema);
	checkDeployed(ports, [...freezeRegions, ...unfreezeRegions]);
	const before = await ports.metadata.readFreeze();
	const frozen = new Set([...before.regions, ...freezeRegions]);
	for (const region of unfreezeRegions) frozen.delete(region);
	const freeze = { global: global ?? before.global, regions: [...frozen] };
	await ports.metadata.writeFreeze(freeze);
	return answer(200, freeze);
}

function checkDeployed({ regions: deployed }: AdminPorts, named: readonly (typeof deployed)[number][]): void {
	const unknown = named.filter((region) => !deployed.includes(region));
	if (unknown.length > 0) throw new AdminProblem(422, "region.unknown", `${unknown.join(", ")} is no region of this deployment`);
}
