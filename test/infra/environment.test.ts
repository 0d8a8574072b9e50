import { describe, expect, test } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { environmentFor } from "#infra/description/deployment.ts";
import { FUNCTIONS } from "#infra/description/functions.ts";
import { localDeployment } from "#local/deployment.ts";
import { schemasOf } from "#test/infra/stacks/env-schemas.ts";

const region = regionId("eu-west-1");
const deployment = localDeployment({ regions: [region] }, region);

/** What functions read of their environment beside their schemas: the stage names where all of them write metrics (shared/observed.ts). */
const BESIDE = ["STAGE"];

describe.each(FUNCTIONS.filter(({ placement }) => placement !== "edge"))("the environment of $name", (description) => {
	test("holds nothing that the function does not read", async () => {
		const read = new Set(BESIDE);
		const environment = new Proxy<Record<string, string>>(
			{ ...environmentFor(deployment, description.environment), AWS_REGION: region },
			{
				get: (variables, key) => {
					read.add(String(key));
					return variables[String(key)];
				},
			},
		);
		for (const parse of await schemasOf(description)) parse(environment);
		expect(description.environment.filter((key) => !read.has(key))).toEqual([]);
	});
});
