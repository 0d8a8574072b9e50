import { Template } from "aws-cdk-lib/assertions";
import { expect, test } from "vitest";
import { parseSettings } from "#infra/settings.ts";
import { EDGE_REGION, EdgeStack } from "#infra/stacks/edge-stack.ts";
import { MetadataStack } from "#infra/stacks/metadata-stack.ts";
import { PredictionStack } from "#infra/stacks/prediction-stack.ts";
import { RegionStack } from "#infra/stacks/region-stack.ts";
import { testApp } from "#test/infra/stacks/synthesized.ts";

/** What is left where stacks are deleted, by type. */
function leftBy(protectData: boolean): readonly string[] {
	const settings = parseSettings({ stage: "try", regions: [EDGE_REGION], controlRegion: EDGE_REGION, protectData });
	const [app, props] = [testApp(false), { settings, env: { region: EDGE_REGION } }];
	const stacks = [
		new MetadataStack(app, "metadata", props),
		new RegionStack(app, "region", { ...props, region: EDGE_REGION }),
		new PredictionStack(app, "prediction", props),
		new EdgeStack(app, "edge", props),
	];
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

test("one whose data is protected leaves its tables and the buckets of data besides, and nothing else", () => {
	const tables = Array.from({ length: 8 }, () => "AWS::DynamoDB::GlobalTable");
	expect(leftBy(true)).toEqual([...tables, ...OF_REPLICAS, "AWS::S3::Bucket", "AWS::S3::Bucket"]);
});
