import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Layout, layoutOf, recordedLayout, recordedLayouts, refuseLosses } from "#infra/layout.ts";
import { type Settings, SettingsError } from "#infra/settings.ts";

/** Where deployments leave their outputs, a file a stage (docs/deploy.md). */
const FOLDER = "deployed";

export interface Deploying {
	readonly settings: Settings;
	/** The settings file, where the stage is its own; undefined where the command line has set another. */
	readonly file?: string;
	/** The outputs file that the command line names. @default `<folder>/<stage>.json`, where there is one */
	readonly outputs?: string;
	/** @default deployed */
	readonly folder?: string;
}

/**
 * Compares settings with what the last deployment of their stage, or of their file, has written into its outputs.
 *
 * @returns what to tell where no deployment is recorded, so that nothing could be compared
 * @throws SettingsError where something would be lost, and where outputs cannot be compared
 */
export function refuseLossesTo({ settings, file, outputs, folder = FOLDER }: Deploying): string | undefined {
	if (file !== undefined) refuseAnotherStage(settings.stage, file, folder);
	const usual = join(folder, `${settings.stage}.json`);
	const deployed = deployedLayout(settings.stage, outputs, usual);
	if (deployed === undefined) return unrecorded(outputs ?? usual);
	refuseLosses(deployed, layoutOf(settings), settings.retiredRegions);
	return undefined;
}

const unrecorded = (file: string): string =>
	`Nothing was compared: ${file} records no deployment of this stage, so nothing that would lose data is refused.\n` +
	`Deploy with --all --outputs-file ${file}, and commit that file (docs/deploy.md).`;

function deployedLayout(stage: string, named: string | undefined, usual: string): Layout | undefined {
	const file = named ?? usual;
	if (!existsSync(file)) {
		if (named === undefined) return undefined;
		throw new SettingsError(
			`  outputs: ${named} does not exist; name what cdk deploy --outputs-file has written, or leave it out`,
			UNUSABLE,
		);
	}
	const written = read(file);
	const layout = recordedLayout(written, stage);
	if (layout !== undefined || isEmpty(written)) return layout;
	throw new SettingsError(
		`  outputs: ${file} bears no layout of the stage ${stage}, so nothing can be compared; a deployment of single stacks may have written over it. ` +
			"Take it back out of version control, or write it anew by a deployment of all stacks",
		UNUSABLE,
	);
}

/** A stage is part of every name: under another one a settings file describes another deployment, which begins empty. */
function refuseAnotherStage(stage: string, file: string, folder: string): void {
	const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
	for (const name of files) {
		const found = recordedLayouts(read(join(folder, name))).find(({ layout }) => layout.settings === file);
		if (found === undefined || found.stage === stage) continue;
		throw new SettingsError(
			`  stage: ${file} is deployed as ${found.stage} (${join(folder, name)}); as ${stage} every table would begin empty, beside it. ` +
				`Keep ${found.stage}, or give ${stage} a settings file of its own`,
			"layout.loss",
		);
	}
}

const UNUSABLE = "layout.unreadable";

function read(file: string): unknown {
	try {
		const text = readFileSync(file, "utf8");
		return text.trim() === "" ? {} : JSON.parse(text);
	} catch (error) {
		throw new SettingsError(`  outputs: ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, UNUSABLE);
	}
}

/** As a first deployment leaves it that failed before its first stack. */
const isEmpty = (written: unknown): boolean => typeof written === "object" && written !== null && Object.keys(written).length === 0;
