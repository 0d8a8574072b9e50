import { App } from "aws-cdk-lib";
import { readSettings } from "#infra/read-settings.ts";
import { SettingsError } from "#infra/settings.ts";
import { composeStacks } from "#infra/stacks/compose-stacks.ts";

const app = new App();
try {
	composeStacks(app, readSettings(app.node, process.env));
	app.synth();
} catch (error) {
	if (!(error instanceof SettingsError)) throw error;
	process.stderr.write(`The settings cannot be used:\n${error.message}\n`);
	process.exitCode = 1;
}
