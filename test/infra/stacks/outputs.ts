import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { connect } from "#cli/operate/connection.ts";
import { recordedLayout } from "#infra/layout.ts";
import { readable } from "#test/infra/stacks/readable.ts";
import { type Synthesized, TEST_SETTINGS } from "#test/infra/stacks/synthesized.ts";

/** What CloudFormation fills in for a function URL. */
const FUNCTION_URL = "https://abc.lambda-url.us-east-1.on.aws/";

/** The command line and later syntheses find in the outputs of the stacks what they look for. */
export function testOutputs(templates: Synthesized): void {
	const directory = mkdtempSync(join(tmpdir(), "heliotrope-outputs-"));
	afterAll(() => rmSync(directory, { recursive: true, force: true }));

	/** The file that `cdk deploy --outputs-file` would write. */
	const outputs = (): Readonly<Record<string, Readonly<Record<string, string>>>> =>
		Object.fromEntries(
			[...templates.all].map(([id, template]) => [
				id,
				Object.fromEntries(
					Object.entries(template.findOutputs("*")).map(([name, { Value }]: [string, { Value?: unknown }]) => {
						const value = readable(Value);
						return [name, value.includes("FunctionUrl") && value.startsWith("<") ? FUNCTION_URL : value];
					}),
				),
			]),
		);

	test("operating commands find the admin API, and sign for its region", () => {
		const file = join(directory, "test.json");
		writeFileSync(file, JSON.stringify(outputs()));
		const { endpoint, proof } = connect({ outputs: file }, {});
		expect(endpoint.href).toBe(FUNCTION_URL);
		expect(proof).toMatchObject({ kind: "iam", region: "us-east-1" });
	});

	test("the next synthesis finds the layout of its stage", () => {
		const { controlRegion, regions, stage } = TEST_SETTINGS;
		expect(recordedLayout(outputs(), stage)).toMatchObject({ controlRegion, regions });
	});

	test("people find what docs/deploy.md tells them to use", () => {
		const names = Object.values(outputs()).flatMap((one) => Object.keys(one));
		expect(names).toEqual(expect.arrayContaining(["EdgeUrl", "DistributionId", "DataPlaneUrl", "AdminUrl", "Layout"]));
	});
}
