import { relative } from "node:path";
import { App } from "aws-cdk-lib";
import { refuseLossesTo } from "#infra/deployed.ts";
import { loadSettings } from "#infra/load-settings.ts";
import { SettingsError } from "#infra/settings.ts";
import { composeStacks } from "#infra/stacks/compose-stacks.ts";

// Not when the process ends: of settings that are refused nothing is to be synthesised, not even what was made before
const app = new App({ autoSynth: false });
const context = (name: string): string | undefined => {
	const value: unknown = app.node.tryGetContext(name);
	return value === undefined ? undefined : String(value);
};

const file = context("settings") ?? "settings/dev.ts";
/** What one settings file deploys under several stages is not bound to either. */
const bound = context("stage") === undefined ? { file: relative(".", file) } : {};

try {
	const settings = await loadSettings(file, {
		stage: context("stage"),
		regions: context("regions")?.split(","),
		controlRegion: context("controlRegion"),
		account: context("account") ?? process.env["CDK_DEFAULT_ACCOUNT"],
	});
	const outputs = context("outputs");
	const unprotected = refuseLossesTo({ settings, ...bound, ...(outputs === undefined ? {} : { outputs }) });
	// Not as a warning of CDK, with which `--strict` would refuse every first deployment
	if (unprotected !== undefined) process.stderr.write(`${unprotected}\n`);
	composeStacks(app, settings, bound.file);
	app.synth();
} catch (error) {
	if (!(error instanceof SettingsError)) throw error;
	process.stderr.write(`The settings cannot be used:\n${error.message}\n`);
	process.exitCode = 1;
}
