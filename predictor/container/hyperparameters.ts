import { existsSync, readFileSync } from "node:fs";
import * as z from "zod";
import { isRegionId, type RegionId } from "#domain/geography/region-id.ts";
import { WEEK_WINDOW_HOURS, WINDOWS_HOURS } from "#domain/prediction/settings.ts";
import { OperatingError } from "#domain/shared/errors.ts";

const integer = (least: number, most: number) =>
	z
		.string()
		.regex(/^\d{1,9}$/, "must be a whole number, as text")
		.transform(Number)
		.pipe(z.number().min(least).max(most));

/** Regions of an AWS deployment, comma-separated. */
const regions = z
	.string()
	.transform((text) => text.split(",").map((part) => part.trim()))
	.refine((parts) => parts.every(isRegionId) && new Set(parts).size === parts.length, "must be AWS regions, comma-separated, each once")
	.transform((parts): readonly RegionId[] => parts as RegionId[]);

/** Window lengths in hours, comma-separated: those that a deployment asks for, and possibly others. */
const windows = z
	.string()
	.regex(/^\d{1,3}(,\d{1,3})*$/, "must be hours, comma-separated, such as 6,24,168")
	.transform((text) => text.split(",").map(Number))
	.refine(
		(hours) => new Set(hours).size === hours.length && hours.every((length) => length >= 1 && length <= WEEK_WINDOW_HOURS),
		`must be 1 to ${WEEK_WINDOW_HOURS} hours, each once`,
	)
	.refine((hours) => WINDOWS_HOURS.every((length) => hours.includes(length)), `must have ${WINDOWS_HOURS.join(", ")} among them`);

/** SageMaker adds what is meant for its own toolkits and for its tuning jobs. */
const ADDED_BY_SAGEMAKER = /^(sagemaker|_tuning)_/;

/** What a job may be asked for. Every value is a string, because SageMaker knows no other. */
export const hyperparametersSchema = z.strictObject({
	/** The deployed regions, where there is no context channel to name them. */
	regions: regions.optional(),
	windows: windows.optional(),
	epochs: integer(1, 1000).optional(),
	seed: integer(0, 999_999_999).optional(),
	held_out_days: integer(1, 365).optional(),
});
export type Hyperparameters = z.infer<typeof hyperparametersSchema>;

/** @throws OperatingError `hyperparameters.invalid` naming each that is wrong */
export function readHyperparameters(path: string): Hyperparameters {
	if (!existsSync(path)) return {};
	const parsed = hyperparametersSchema.safeParse(ownOf(readJson(path)));
	if (parsed.success) return parsed.data;
	throw invalid(z.prettifyError(parsed.error), parsed.error);
}

function ownOf(json: unknown): unknown {
	if (typeof json !== "object" || json === null || Array.isArray(json)) return json;
	return Object.fromEntries(Object.entries(json).filter(([key]) => !ADDED_BY_SAGEMAKER.test(key)));
}

function readJson(path: string): unknown {
	try {
		return JSON.parse(readFileSync(path, "utf8"));
	} catch (cause) {
		throw invalid(`${path} is not JSON`, cause);
	}
}

const invalid = (why: string, cause: unknown): OperatingError =>
	new OperatingError(`hyperparameters: ${why.replaceAll(/\s+/g, " ")}`, { code: "hyperparameters.invalid", retryable: false, cause });
