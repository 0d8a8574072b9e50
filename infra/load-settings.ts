import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseSettings, type Settings, SettingsError } from "#infra/settings.ts";

/** Single fields that the command line sets instead of the file. */
export interface SettingsOverrides {
	readonly stage?: string | undefined;
	readonly regions?: readonly string[] | undefined;
	readonly controlRegion?: string | undefined;
	readonly account?: string | undefined;
}

/** Reads a settings file: a module whose default export are settings, or JSON. @throws SettingsError when it cannot be read or used */
export async function loadSettings(file: string, overrides: SettingsOverrides = {}): Promise<Settings> {
	const written = await read(file);
	if (typeof written !== "object" || written === null) throw new SettingsError(`  ${file} holds no settings; export them by default.`);
	const set = Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined));
	return parseSettings({ ...written, ...set }, file);
}

async function read(file: string): Promise<unknown> {
	try {
		if (file.endsWith(".json")) return JSON.parse(await readFile(file, "utf8"));
		const module = (await import(pathToFileURL(resolve(file)).href)) as { readonly default?: unknown };
		return module.default;
	} catch (error) {
		throw new SettingsError(`  ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, "settings.unreadable");
	}
}
