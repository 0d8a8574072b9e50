import { existsSync, readFileSync } from "node:fs";
import type { Node } from "constructs";
import { dataPlaneUrlsFrom, parseSettings, type Settings } from "#infra/settings.ts";

/** Written by `cdk deploy --all --outputs-file cdk.outputs.json`. */
const OUTPUTS_FILE = "cdk.outputs.json";

/** The settings of cdk.json (`context.heliotrope`), with single fields overridden by `-c name=value`. @throws SettingsError */
export function readSettings(node: Node, environment: NodeJS.ProcessEnv): Settings {
	const base = (node.tryGetContext("heliotrope") ?? {}) as Record<string, unknown>;
	const overrides = {
		stage: text(node, "stage"),
		regions: text(node, "regions")?.split(","),
		controlRegion: text(node, "controlRegion"),
		account: text(node, "account") ?? environment["CDK_DEFAULT_ACCOUNT"],
	};
	const settings = parseSettings({ ...base, ...definedOnly(overrides) });
	return { ...settings, dataPlaneUrls: { ...knownUrls(settings.stage), ...settings.dataPlaneUrls } };
}

function text(node: Node, name: string): string | undefined {
	const value: unknown = node.tryGetContext(name);
	return value === undefined ? undefined : String(value);
}

const definedOnly = (values: Record<string, unknown>): Record<string, unknown> =>
	Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

const knownUrls = (stage: string): Record<string, string> =>
	existsSync(OUTPUTS_FILE) ? dataPlaneUrlsFrom(JSON.parse(readFileSync(OUTPUTS_FILE, "utf8")), stage) : {};
