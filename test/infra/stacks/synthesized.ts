import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { parseSettings, type Settings } from "#infra/settings.ts";
import { composeStacks, type Stacks } from "#infra/stacks/compose-stacks.ts";

/** Settings of the templates under test. */
export const TEST_SETTINGS: Settings = parseSettings({
	stage: "test",
	regions: ["us-east-1", "eu-west-1", "ap-northeast-1"],
	controlRegion: "us-east-1",
	account: "123456789012",
	dataPlaneUrls: { "us-east-1": "https://a.example", "eu-west-1": "https://b.example", "ap-northeast-1": "https://c.example" },
});

/** An app that writes to a directory of its own and leaves functions unbundled, so that synthesis takes a second. */
export const testApp = (): App =>
	new App({ outdir: mkdtempSync(join(tmpdir(), "heliotrope-synth-")), context: { "aws:cdk:bundling-stacks": [] } });

export interface Synthesized {
	readonly stacks: Stacks;
	readonly metadata: Template;
	readonly control: Template;
	readonly regions: ReadonlyMap<string, Template>;
}

/** The templates of a deployment of `settings`. */
export function synthesize(settings: Settings = TEST_SETTINGS): Synthesized {
	const stacks = composeStacks(testApp(), settings);
	return {
		stacks,
		metadata: Template.fromStack(stacks.metadata),
		control: Template.fromStack(stacks.control),
		regions: new Map([...stacks.regions].map(([region, stack]) => [region, Template.fromStack(stack)])),
	};
}

/** The properties of all resources of a type. */
export const propertiesOf = (template: Template, type: string): Record<string, unknown>[] =>
	Object.values(template.findResources(type)).map((resource) => (resource as { Properties: Record<string, unknown> }).Properties);
