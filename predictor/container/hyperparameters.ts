import { existsSync, readFileSync } from "node:fs";
import * as z from "zod";
import { isRegionId, type RegionId } from "#domain/geography/region-id.ts";
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

/** What a job may be asked for. Every value is a string, because SageMaker knows no other. */
export const hyperparametersSchema = z.strictObject({
	/** The deployed regions, where there is no context channel to name them. */
	regions: regions.optional(),
	/** Window lengths in hours, comma-separated. */
	windows: z
		.string()
		.regex(/^\d{1,4}(,\d{1,4})*$/, "must be hours, comma-separated, such as 6,24,168")
		.transform((text) => text.split(",").map(Number))
		.optional(),
	epochs: integer(1, 1000).optional(),
	seed: integer(0, 999_999_999).optional(),
	held_out_days: integer(1, 365).optional(),
});
export type Hyperparameters = z.infer<typeof hyperparametersSchema>;

/** @throws OperatingError `hyperparameters.invalid` naming each that is wrong */
export function readHyperparameters(path: string): Hyperparameters {
	if (!existsSync(path)) return {};
	const parsed = hyperparametersSchema.safeParse(readJson(path));
	if (parsed.success) return parsed.data;
	throw invalid(z.prettifyError(parsed.error), parsed.error);
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
