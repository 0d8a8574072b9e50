import { existsSync, readFileSync } from "node:fs";
import { App } from "aws-cdk-lib";
import { layoutOf, recordedLayout, refuseLosses } from "#infra/layout.ts";
import { loadSettings } from "#infra/load-settings.ts";
import { type Settings, SettingsError } from "#infra/settings.ts";
import { composeStacks } from "#infra/stacks/compose-stacks.ts";

const app = new App();
const context = (name: string): string | undefined => {
	const value: unknown = app.node.tryGetContext(name);
	return value === undefined ? undefined : String(value);
};

/** Compares with what the last deployment of the stage wrote into its outputs, where the file is at hand. */
function refuseLossesTo(settings: Settings): void {
	const file = context("outputs") ?? `deployed/${settings.stage}.json`;
	if (!existsSync(file)) return;
	const deployed = recordedLayout(JSON.parse(readFileSync(file, "utf8")), settings.stage);
	if (deployed !== undefined) refuseLosses(deployed, layoutOf(settings), settings.retiredRegions);
}

try {
	const settings = await loadSettings(context("settings") ?? "settings/dev.ts", {
		stage: context("stage"),
		regions: context("regions")?.split(","),
		controlRegion: context("controlRegion"),
		account: context("account") ?? process.env["CDK_DEFAULT_ACCOUNT"],
	});
	refuseLossesTo(settings);
	composeStacks(app, settings);
	app.synth();
} catch (error) {
	if (!(error instanceof SettingsError)) throw error;
	process.stderr.write(`The settings cannot be used:\n${error.message}\n`);
	process.exitCode = 1;
}
