import type { Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import type * as z from "zod";
import { ENVIRONMENT, type EnvironmentKey } from "#infra/description/deployment.ts";
import { FUNCTIONS, type FunctionDescription, functionName } from "#infra/description/functions.ts";
import { permissionsOf } from "#infra/description/permissions.ts";
import { envSchema } from "#lambdas/shared/env.ts";
import { schemasOf } from "#test/infra/stacks/env-schemas.ts";
import { propertiesOf, type Synthesized, TEST_SETTINGS } from "#test/infra/stacks/synthesized.ts";

/** The functions of the templates are the described ones. */
export function testFunctions(templates: Synthesized): void {
	const deployed = FUNCTIONS.filter(({ placement }) => placement !== "edge");

	const templatesWith = (description: FunctionDescription): readonly Template[] =>
		description.placement === "control"
			? templates.control.filter((template) => find(template, description) !== undefined)
			: [...templates.regions.values()];

	const find = (template: Template, description: FunctionDescription) =>
		propertiesOf(template, "AWS::Lambda::Function").find(
			({ FunctionName }) => FunctionName === functionName(TEST_SETTINGS.stage, description.name),
		);

	const variablesOf = (template: Template, description: FunctionDescription): Record<string, unknown> =>
		((find(template, description)?.["Environment"] ?? { Variables: {} }) as { Variables: Record<string, unknown> }).Variables;

	/** Intrinsics (`Fn::Join`) stand for a text that is known at deployment only. */
	const asText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

	describe.each(deployed)("function $name", (description) => {
		test("is deployed with its timeout, memory, handler and runtime", () => {
			expect(templatesWith(description)).toHaveLength(description.placement === "control" ? 1 : TEST_SETTINGS.regions.length);
			for (const template of templatesWith(description)) {
				expect(find(template, description)).toMatchObject({
					Timeout: description.timeoutSeconds,
					MemorySize: description.memoryMb,
					Handler: `index.${description.handler}`,
					Runtime: "nodejs24.x",
				});
			}
		});

		test("gets exactly the environment it asks for, and its schema accepts it", () => {
			const mask = Object.fromEntries(description.environment.map((key) => [key, true as const]));
			const schema = envSchema.pick(mask as Record<EnvironmentKey, true>) as z.ZodType;
			for (const template of templatesWith(description)) {
				const variables = variablesOf(template, description);
				expect(Object.keys(variables).toSorted()).toEqual([...description.environment].toSorted());
				const texts = Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, asText(value)]));
				expect(schema.safeParse(texts)).toMatchObject({ success: true });
			}
		});

		test("gets an environment that its own schemas, those that it parses at cold start, accept", async () => {
			const schemas = await schemasOf(description);
			expect(schemas.length).toBeGreaterThan(0);
			for (const template of templatesWith(description)) {
				const variables = variablesOf(template, description);
				const texts = Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, asText(value)]));
				const environment = { ...texts, AWS_REGION: "eu-west-1" };
				for (const parse of schemas) expect(() => parse(environment)).not.toThrow();
			}
		});

		test("may reach only tables whose name it is told", () => {
			const told = new Set<string>(description.environment);
			for (const { table } of permissionsOf(description.name).tables) expect(told).toContain(`${table.toUpperCase()}_TABLE`);
		});
	});

	test("every environment key has a schema", () => {
		expect(Object.keys(envSchema.shape)).toEqual(expect.arrayContaining(Object.keys(ENVIRONMENT)));
	});

	test("no stack deploys a function that the description does not know, but for the library's copier of files", () => {
		const names = FUNCTIONS.map(({ name }) => functionName(TEST_SETTINGS.stage, name));
		for (const template of templates.all.values()) {
			for (const [id, resource] of Object.entries(template.findResources("AWS::Lambda::Function"))) {
				if (id.startsWith("CustomCDKBucketDeployment")) continue;
				expect(names).toContain((resource as { Properties: Record<string, unknown> }).Properties["FunctionName"]);
			}
		}
	});

	test("the data plane of each region answers signed requests only", () => {
		for (const template of templates.regions.values()) {
			expect(propertiesOf(template, "AWS::Lambda::Url")).toEqual([expect.objectContaining({ AuthType: "AWS_IAM" })]);
		}
		expect(propertiesOf(templates.console, "AWS::Lambda::Url")).toEqual([expect.objectContaining({ AuthType: "AWS_IAM" })]);
	});
}
