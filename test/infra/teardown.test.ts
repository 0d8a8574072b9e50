import { Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { expect, test } from "vitest";
import { parseSettings } from "#infra/settings.ts";
import { composeStacks } from "#infra/stacks/compose-stacks.ts";
import { EDGE_REGION } from "#infra/stacks/edge-stack.ts";
import { testApp } from "#test/infra/stacks/synthesized.ts";

/** What is left where stacks are deleted, by type. */
function leftBy(protectData: boolean): readonly string[] {
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
	const kept = (resources as { Type: string; DeletionPolicy?: string }[]).filter(
		({ DeletionPolicy = "Delete" }) => DeletionPolicy !== "Delete",
	);
	return kept.map(({ Type }) => Type).toSorted();
}

// CloudFront's replicas outlive the distribution by hours: Lambda refuses to delete their function before, and the stack would fail
const OF_REPLICAS = ["AWS::Lambda::Function", "AWS::Lambda::Version"];

test("a deployment whose data is not protected leaves nothing behind but the function of which there are replicas", () => {
	expect(leftBy(false)).toEqual(OF_REPLICAS);
});

test("one whose data is protected leaves its tables, the buckets of data and the console's accounts besides, and nothing else", () => {
	const tables = Array.from({ length: 8 }, () => "AWS::DynamoDB::GlobalTable");
	expect(leftBy(true)).toEqual(["AWS::Cognito::UserPool", ...tables, ...OF_REPLICAS, "AWS::S3::Bucket", "AWS::S3::Bucket"]);
});

test("stacks themselves are kept from deletion as long as data is protected", () => {
	for (const protectData of [true, false]) {
		const base = { stage: "try", regions: [EDGE_REGION], controlRegion: EDGE_REGION, protectData };
		const { regions, ...others } = composeStacks(testApp(), parseSettings(base));
		for (const stack of [...Object.values(others), ...regions.values()]) expect(stack.terminationProtection).toBe(protectData);
	}
});
