import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { regionSchema } from "#domain/geography/region-schema.ts";
import { WINDOWS_HOURS } from "#domain/prediction/settings.ts";
import { OperatingError } from "#domain/shared/errors.ts";
import { BUILT_IN, modelArtefactSchema } from "#predictor/models/artefact.ts";

const DEFAULT_HELD_OUT_DAYS = 7;

const contextSchema = z.strictObject({
	/** Of the candidate. */
	name: z.string(),
	regions: z.array(regionSchema).min(1).readonly(),
	windowsHours: z.array(z.int().min(1)).min(1).readonly(),
	heldOutDays: z.int().min(1),
	/** The model that the candidate is held against. */
	current: modelArtefactSchema,
	/** Measured round-trip times in ms by `from` then `to`. */
	rttMatrix: z.record(z.string(), z.record(z.string(), z.number().min(0))).optional(),
});
export type Context = z.infer<typeof contextSchema>;

/**
 * What the candidate is held against: `context.json` of the channel. Without that channel, the built-in model and the default windows.
 *
 * @param name of the candidate where there is no context
 * @throws OperatingError `context.invalid`
 */
export function readContext(dir: string, name: string): Omit<Context, "regions"> & Partial<Pick<Context, "regions">> {
	const path = join(dir, "context.json");
	if (!existsSync(path)) return { name, windowsHours: [...WINDOWS_HOURS], heldOutDays: DEFAULT_HELD_OUT_DAYS, current: BUILT_IN };
	const parsed = contextSchema.safeParse(readJson(path));
	if (parsed.success) return parsed.data;
	const why = z.prettifyError(parsed.error).replaceAll(/\s+/g, " ");
	throw new OperatingError(`${path}: ${why}`, { code: "context.invalid", retryable: false, cause: parsed.error });
}

function readJson(path: string): unknown {
	try {
		return JSON.parse(readFileSync(path, "utf8"));
	} catch (cause) {
		throw new OperatingError(`${path} is not JSON`, { code: "context.invalid", retryable: false, cause });
	}
}
