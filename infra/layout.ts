import * as z from "zod";
import { KEY, TABLES, type TableDescription, tableName } from "#infra/description/tables.ts";
import { type Settings, SettingsError, stackName } from "#infra/settings.ts";

/** The output of the metadata stack that bears the layout, as JSON. */
export const LAYOUT_OUTPUT = "Layout";

/** What of a deployment cannot be changed without losing what it holds. Every deployment writes its own into its outputs. */
const layoutSchema = z.object({
	format: z.literal(1),
	account: z.string().optional(),
	/** The settings file, where the stage is its own. */
	settings: z.string().optional(),
	controlRegion: z.string(),
	regions: z.array(z.string()).readonly(),
	/** By table name: what CloudFormation replaces a table for. */
	tables: z.record(z.string(), z.string()),
});
export type Layout = z.infer<typeof layoutSchema>;

/** @param tables @default those of the description @param file of the settings @default not said */
export const layoutOf = (
	{ account, controlRegion, regions, stage }: Settings,
	tables: readonly TableDescription[] = TABLES,
	file?: string,
): Layout => ({
	format: 1,
	...(account === undefined ? {} : { account }),
	...(file === undefined ? {} : { settings: file }),
	controlRegion,
	regions,
	tables: Object.fromEntries(tables.map((table) => [tableName(stage, table.name), identityOf(table)])),
});

/** The key, and what else makes a new table of one that has the same name; a change of the view makes a new stream of it. */
function identityOf({ placement, stream, indexes = [] }: TableDescription): string {
	const keys = indexes.map(({ name, partitionKey, sortKey }) => `${name}(${partitionKey},${sortKey})`);
	return [placement, `${KEY.partitionKey},${KEY.sortKey}`, stream ?? "no-stream", ...keys].join(" ");
}

/** The layout that a deployment has left in its outputs; undefined where this stage has none. @throws SettingsError when it cannot be read */
export const recordedLayout = (outputs: unknown, stage: string): Layout | undefined =>
	recordedLayouts(outputs).find((one) => one.stage === stage)?.layout;

/** The layouts that deployments have left in a file of outputs, with their stages. @throws SettingsError when one cannot be read */
export function recordedLayouts(outputs: unknown): readonly { readonly stage: string; readonly layout: Layout }[] {
	const stacks = z.record(z.string(), z.record(z.string(), z.unknown())).safeParse(outputs);
	return Object.entries(stacks.data ?? {}).flatMap(([name, { [LAYOUT_OUTPUT]: text }]) => {
		const stage = METADATA_STACK.exec(name)?.[1];
		return stage === undefined || typeof text !== "string" ? [] : [{ stage, layout: parseLayout(text) }];
	});
}

const METADATA_STACK = new RegExp(`^${stackName("(.+)", "metadata")}$`);

function parseLayout(text: string): Layout {
	const parsed = layoutSchema.safeParse(parseJson(text));
	if (parsed.success) return parsed.data;
	throw new SettingsError(
		"  the outputs of the last deployment bear a layout that this release cannot read; deploy with a newer one",
		"layout.unreadable",
	);
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** Refuses settings that would replace a table of the deployment, or leave one behind. @throws SettingsError with a line for each loss */
export function refuseLosses(deployed: Layout, next: Layout, retired: readonly string[]): void {
	const lines = [...placeLosses(deployed, next), ...regionLosses(deployed, next, retired), ...tableLosses(deployed, next)];
	if (lines.length === 0) return;
	const all = lines.map((line) => `  ${line}`).join("\n");
	throw new SettingsError(`${all}\n  Nothing was synthesised. docs/deploy.md says how each of these is done without loss.`, "layout.loss");
}

function placeLosses(deployed: Layout, next: Layout): readonly string[] {
	const moved = deployed.account !== undefined && next.account !== undefined && deployed.account !== next.account;
	return [
		...(moved ? [`account: is deployed in ${deployed.account}; in ${next.account} every table would begin empty`] : []),
		...(deployed.controlRegion === next.controlRegion
			? []
			: [
					`controlRegion: is ${deployed.controlRegion}; in ${next.controlRegion} the tables of migrations, decisions and predictions would begin ` +
						"empty; keep it",
				]),
	];
}

function regionLosses(deployed: Layout, next: Layout, retired: readonly string[]): readonly string[] {
	const added = next.regions.filter((region) => !deployed.regions.includes(region));
	const removed = deployed.regions.filter((region) => !next.regions.includes(region));
	const dropped = removed.filter((region) => !retired.includes(region));
	return [
		...dropped.map((region) => `regions: ${region} is gone and its copies with it; move them away first, then name it in retiredRegions`),
		...(added.length + removed.length > 1
			? [
					`regions: ${[...added, ...removed].join(", ")} change at once; a global table takes one region a deployment, so change one and deploy`,
				]
			: []),
	];
}

function tableLosses(deployed: Layout, next: Layout): readonly string[] {
	return Object.entries(deployed.tables).flatMap(([name, identity]) => {
		const now = next.tables[name];
		if (now === undefined) return [`table ${name}: is not described any more; it would be left behind with all it holds`];
		if (now === identity) return [];
		const added = indexesAdded(identity, now);
		if (added === undefined) return [`table ${name}: would be replaced (${identity} -> ${now}) and begin empty`];
		return added.length === 1
			? []
			: [
					`table ${name}: gains the indexes ${added.join(", ")} at once; CloudFormation makes one of a table a deployment, so add ${added[0]} ` +
						"first and deploy",
				];
	});
}

/** Names of the indexes by which the two differ; undefined where they differ by more. @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html */
function indexesAdded(identity: string, now: string): readonly string[] | undefined {
	if (!now.startsWith(`${identity} `)) return undefined;
	return now
		.slice(identity.length + 1)
		.split(" ")
		.map((index) => index.slice(0, index.indexOf("(")));
}
