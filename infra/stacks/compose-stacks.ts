import { type App, Tags, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import type { RegionId } from "#domain/geography/region-id.ts";
import { deploymentTags } from "#infra/description/tags.ts";
import { type Settings, stackName } from "#infra/settings.ts";
import { ConsoleStack } from "#infra/stacks/console-stack.ts";
import { EDGE_REGION, EdgeStack } from "#infra/stacks/edge-stack.ts";
import { MetadataStack } from "#infra/stacks/metadata-stack.ts";
import { MigrationStack } from "#infra/stacks/migration-stack.ts";
import { ObservabilityStack } from "#infra/stacks/observability-stack.ts";
import { PredictionStack } from "#infra/stacks/prediction-stack.ts";
import { RegionStack } from "#infra/stacks/region-stack.ts";

export interface Stacks {
	readonly metadata: MetadataStack;
	readonly migration: MigrationStack;
	readonly prediction: PredictionStack;
	readonly console: ConsoleStack;
	readonly edge: EdgeStack;
	readonly observability: ObservabilityStack;
	readonly regions: ReadonlyMap<RegionId, RegionStack>;
}

/**
 * All stacks of a deployment, checked by the AWS Solutions rules: an unacknowledged finding fails the synthesis.
 *
 * @param file of the settings, for the layout @default not said
 */
export function composeStacks(app: App, settings: Settings, file?: string): Stacks {
	const tags = deploymentTags(settings);
	const at = (region: RegionId) => ({
		settings,
		tags,
		env: { region, ...(settings.account === undefined ? {} : { account: settings.account }) },
		terminationProtection: settings.protectData,
	});
	const name = (part: string): string => stackName(settings.stage, part);
	const control = at(settings.controlRegion);
	const metadata = new MetadataStack(app, name("metadata"), { ...control, ...(file === undefined ? {} : { file }) });
	const stacks: Stacks = {
		metadata,
		migration: new MigrationStack(app, name("migration"), control),
		prediction: new PredictionStack(app, name("prediction"), control),
		console: new ConsoleStack(app, name("console"), { ...control, tables: metadata.tables }),
		edge: new EdgeStack(app, name("edge"), at(EDGE_REGION)),
		observability: new ObservabilityStack(app, name("observability"), control),
		regions: new Map(settings.regions.map((region) => [region, new RegionStack(app, name(`region-${region}`), { ...at(region), region })])),
	};
	const { migration, prediction, console, edge, observability, regions } = stacks;
	for (const stack of [migration, prediction, console, ...regions.values()]) stack.addStackDependency(metadata);
	// Its access records go to a stream of the prediction; its requests go to regions
	for (const stack of [prediction, ...regions.values()]) edge.addStackDependency(stack);
	// It counts lines of their logs
	for (const stack of [migration, prediction]) observability.addStackDependency(stack);
	for (const [key, value] of Object.entries(tags)) Tags.of(app).add(key, value);
	Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
	return stacks;
}
