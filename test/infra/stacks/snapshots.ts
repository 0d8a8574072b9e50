import type { Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { readable } from "#test/infra/stacks/readable.ts";
import { redact } from "#test/infra/stacks/redact.ts";
import { propertiesOf, type Synthesized } from "#test/infra/stacks/synthesized.ts";

interface Statement {
	readonly Effect: string;
	readonly Action: string | readonly string[];
	readonly Resource: unknown;
	readonly Condition?: unknown;
}

function statementLines({ Effect, Action, Resource, Condition }: Statement): readonly string[] {
	const condition = Condition === undefined ? "" : ` if ${JSON.stringify(Condition)}`;
	return [
		`    ${Effect === "Allow" ? "may" : "may not"} ${[Action].flat().join(", ")}${condition}`,
		...[Resource].flat().map((resource) => `        on ${readable(resource)}`),
	];
}

/** Every role of a stack with what it may do, for a reviewer to read. */
export function rolesIn(template: Template): string {
	const roles = Object.entries(template.findResources("AWS::IAM::Role")).map(([id, role]) => {
		const { AssumeRolePolicyDocument } = (
			role as { Properties: { AssumeRolePolicyDocument: { Statement: { Principal: { Service: unknown } }[] } } }
		).Properties;
		const services = AssumeRolePolicyDocument.Statement.map(({ Principal }) => readable(Principal.Service)).join(", ");
		const statements = propertiesOf(template, "AWS::IAM::Policy")
			.filter(({ Roles }) => (Roles as { Ref: string }[]).some(({ Ref }) => Ref === id))
			.flatMap(({ PolicyDocument }) => (PolicyDocument as { Statement: Statement[] }).Statement);
		return [`${id} (${services})`, ...statements.flatMap(statementLines)].join("\n");
	});
	return `${roles.toSorted().join("\n")}\n`;
}

/** What a change of the description does to the templates and the roles, as a difference that a reviewer reads. `npx vitest -u` accepts it. */
export function testSnapshots(templates: Synthesized): void {
	const shown = [...templates.all].filter(([id]) => !id.includes("region-") || id.endsWith("region-eu-west-1"));
	describe.each(shown)("%s", (id, template) => {
		test("is as reviewed", async () => {
			await expect(redact(`${JSON.stringify(template.toJSON(), null, "\t")}\n`)).toMatchFileSnapshot(`./snapshots/${id}.template.snap`);
		});
		test("has roles as reviewed", async () => {
			await expect(redact(rolesIn(template))).toMatchFileSnapshot(`./snapshots/${id}.roles.snap`);
		});
	});
}
