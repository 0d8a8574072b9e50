import { describe, expect, it } from "vitest";
import { accessPolicySchema } from "#domain/access/policy.ts";
import { regionId } from "#domain/geography/region-id.ts";
import { environmentFor } from "#infra/description/deployment.ts";
import { createAccessControl } from "#lambdas/serve-data/access.ts";
import { localDeployment } from "#local/deployment.ts";
import { DataPlaneWorld, EU, P } from "#test/__helpers__/data-plane-world.ts";

/** What the data plane of a deployment finds in its environment, whose settings say this about access. */
function policyOf(access: ReturnType<typeof accessPolicySchema.parse> | undefined) {
	const region = regionId("eu-west-1");
	const { access: _, ...deployment } = localDeployment({ regions: [region] }, region);
	const { ACCESS = "" } = environmentFor(access === undefined ? deployment : { ...deployment, access }, ["ACCESS"]);
	return accessPolicySchema.parse(JSON.parse(ACCESS));
}

const trusting = () =>
	Promise.resolve({ kind: "verified", issuer: "https://id.example.com", claims: { scope: "heliotrope.write" } } as const);

describe("a deployment that has not said whom to let in", () => {
	it("lets nobody in, whatever they bring and ask", async () => {
		const world = new DataPlaneWorld();
		world.record();
		await world.fence(EU, {});
		world.access = createAccessControl(policyOf(undefined), trusting);
		const refused = { status: 403, json: { code: "auth.not-configured" } };
		for (const headers of [{}, { authorization: "Bearer a.b.c" }]) {
			for (const method of ["GET", "PUT", "DELETE"])
				expect(await world.item(EU, method, "k", { headers, body: "v" }), method).toMatchObject(refused);
			expect(await world.call(EU, "POST", `/v1/partitions/${P}/batch`, { headers, body: "{}" })).toMatchObject(refused);
		}
		expect(await world.list(EU)).toMatchObject(refused);
		expect(await world.call(EU, "GET", "/nowhere")).toMatchObject(refused);
		world.access = createAccessControl(policyOf({ mode: "off" }), trusting);
		expect(await world.item(EU, "GET", "k")).toMatchObject({ status: 404, json: { code: "item.not-found" } });
	});
});
