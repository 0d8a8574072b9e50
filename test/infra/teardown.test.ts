import { Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { expect, test } from "vitest";
import { parseSettings } from "#infra/settings.ts";
import { composeStacks } from "#infra/stacks/compose-stacks.ts";
import { EDGE_REGION } from "#infra/stacks/edge-stack.ts";
import { testApp } from "#test/infra/stacks/synthesized.ts";

interface Resource {
	readonly Type: string;
	readonly DeletionPolicy?: string;
	readonly UpdateReplacePolicy?: string;
}

/** What is left where stacks are deleted. */
function leftBy(protectData: boolean): readonly Resource[] {
	const settings = parseSettings({
		stage: "try",
		regions: [EDGE_REGION],
		controlRegion: EDGE_REGION,
		protectData,
		console: { kind: "cognito" },
	});
	const app = testApp();
	composeStacks(app, settings);
	const stacks = app.node.children.filter((child) => child instanceof Stack);
	const resources = stacks.flatMap((stack) => Object.values(Template.fromStack(stack).toJSON()["Resources"] as Record<string, unknown>));
	return (resources as Resource[]).filter(({ DeletionPolicy = "Delete" }) => DeletionPolicy !== "Delete");
}

const typesOf = (resources: readonly Resource[]): readonly string[] => resources.map(({ Type }) => Type).toSorted();

// CloudFront's replicas outlive the distribution by hours: Lambda refuses to delete their function before, and the stack would fail
const OF_REPLICAS = ["AWS::Lambda::Function", "AWS::Lambda::Version"];

test("a deployment whose data is not protected leaves nothing behind but the function of which there are replicas", () => {
	expect(typesOf(leftBy(false))).toEqual(OF_REPLICAS);
});

test("one whose data is protected leaves its tables, the buckets of data and the console's accounts besides, and nothing else", () => {
	const tables = Array.from({ length: 8 }, () => "AWS::DynamoDB::GlobalTable");
	expect(typesOf(leftBy(true))).toEqual(["AWS::Cognito::UserPool", ...tables, ...OF_REPLICAS, "AWS::S3::Bucket", "AWS::S3::Bucket"]);
});

// The versions go with their function
test.each([true, false])(
	"what is kept goes all the same where the deployment fails that makes it: a fixed name is free again (%s)",
	(protectData) => {
		const named = leftBy(protectData).filter(({ Type }) => Type !== "AWS::Lambda::Version");
		expect(named.length).toBeGreaterThan(0);
		for (const { DeletionPolicy, UpdateReplacePolicy } of named)
			expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(["RetainExceptOnCreate", "Retain"]);
	},
);

test("stacks themselves are kept from deletion as long as data is protected", () => {
	for (const protectData of [true, false]) {
		const base = { stage: "try", regions: [EDGE_REGION], controlRegion: EDGE_REGION, protectData };
		const { regions, ...others } = composeStacks(testApp(), parseSettings(base));
		for (const stack of [...Object.values(others), ...regions.values()]) expect(stack.terminationProtection).toBe(protectData);
	}
});
