import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { parseSettings, type Settings } from "#infra/settings.ts";
import { composeStacks, type Stacks } from "#infra/stacks/compose-stacks.ts";

/** Settings of the templates under test. */
export const TEST_SETTINGS: Settings = parseSettings({
	stage: "test",
	regions: ["us-east-1", "eu-west-1", "ap-northeast-1"],
	controlRegion: "us-east-1",
	account: "123456789012",
});

const { context } = JSON.parse(readFileSync("cdk.json", "utf8")) as { readonly context: Readonly<Record<string, unknown>> };

/**
 * An app with the flags of cdk.json that writes to a directory of its own, leaves functions unbundled and does not remember where a construct
 * was made, so that synthesis takes a second. The rules of cdk-nag are in force; CloudFormation's own schemas, which take many more, are asked
 * by `npm run synth`.
 */
export const testApp = (): App =>
	new App({
		outdir: mkdtempSync(join(tmpdir(), "heliotrope-synth-")),
		context: { ...context, "aws:cdk:bundling-stacks": [], "aws:cdk:disable-stack-trace": true },
		builtinCloudFormationValidation: false,
	});

export interface Synthesized {
	readonly stacks: Stacks;
	readonly metadata: Template;
	readonly migration: Template;
	readonly prediction: Template;
	readonly console: Template;
	/** The control region's stacks that hold code. */
	readonly control: readonly Template[];
	readonly regions: ReadonlyMap<string, Template>;
	/** Every stack of the deployment by its id. */
	readonly all: ReadonlyMap<string, Template>;
}

/** The templates of a deployment of `settings`. */
export function synthesize(settings: Settings = TEST_SETTINGS, app: App = testApp()): Synthesized {
	const stacks = composeStacks(app, settings);
	const all = new Map(
		app.node.children.filter((child) => child instanceof Stack).map((stack) => [stack.node.id, Template.fromStack(stack)]),
	);
	const of = (stack: Stack): Template => all.get(stack.node.id) as Template;
	const [migration, prediction, console] = [stacks.migration, stacks.prediction, stacks.console].map(of) as [Template, Template, Template];
	return {
		stacks,
		metadata: of(stacks.metadata),
		migration,
		prediction,
		console,
		control: [migration, prediction, console],
		regions: new Map([...stacks.regions].map(([region, stack]) => [region, of(stack)])),
		all,
	};
}

/** The properties of all resources of a type. */
export const propertiesOf = (template: Template, type: string): Record<string, unknown>[] =>
	Object.values(template.findResources(type)).map((resource) => (resource as { Properties: Record<string, unknown> }).Properties);
