import { Annotations, type App, Tags, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import type { RegionId } from "#domain/geography/region-id.ts";
import { regionStackName, type Settings } from "#infra/settings.ts";
import { ControlStack } from "#infra/stacks/control-stack.ts";
import { MetadataStack } from "#infra/stacks/metadata-stack.ts";
import { RegionStack } from "#infra/stacks/region-stack.ts";

export interface Stacks {
	readonly metadata: MetadataStack;
	readonly control: ControlStack;
	readonly regions: ReadonlyMap<RegionId, RegionStack>;
}

/** All stacks of a deployment, checked by the AWS Solutions rules: an unacknowledged finding fails the synthesis. */
export function composeStacks(app: App, settings: Settings): Stacks {
	const at = (region: RegionId) => ({
		settings,
		env: { region, ...(settings.account === undefined ? {} : { account: settings.account }) },
		terminationProtection: settings.protectData,
	});
	const name = (part: string): string => `heliotrope-${settings.stage}-${part}`;
	const metadata = new MetadataStack(app, name("metadata"), at(settings.controlRegion));
	const control = new ControlStack(app, name("control"), at(settings.controlRegion));
	const regions = new Map(settings.regions.map((region) => [region, regionStack(app, settings, region, at(region))]));
	control.addStackDependency(metadata);
	for (const stack of regions.values()) stack.addStackDependency(metadata);
	Tags.of(app).add("heliotrope:stage", settings.stage);
	Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
	return { metadata, control, regions };
}

function regionStack(app: App, settings: Settings, region: RegionId, props: ConstructorParameters<typeof RegionStack>[2]): RegionStack {
	const stack = new RegionStack(app, regionStackName(settings.stage, region), props);
	const unknown = settings.regions.filter((other) => settings.dataPlaneUrls[other] === undefined);
	if (unknown.length > 0) {
		Annotations.of(stack).addWarningV2(
			"heliotrope:data-plane-urls",
			`the data planes of ${unknown.join(", ")} have no URL yet, so requests cannot be forwarded there: deploy with ` +
				"--outputs-file cdk.outputs.json, then deploy once more",
		);
	}
	return stack;
}
