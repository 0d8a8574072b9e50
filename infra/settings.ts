import { z } from "zod";
import { accessPolicySchema } from "#domain/access/policy.ts";
import { isRegionId, type RegionId } from "#domain/geography/region-id.ts";
import { OperatingError } from "#domain/shared/errors.ts";

/** The longest name built from a stage is `heliotrope-<stage>-reconcile-migrations`; IAM role names end at 64 characters. */
const STAGE_NAME = /^[a-z][a-z0-9-]{0,19}$/;

const region = z.custom<RegionId>(
	(value) => typeof value === "string" && isRegionId(value),
	"must be an AWS region code such as eu-west-1",
);

const settingsSchema = z
	.strictObject({
		/** Scopes every name, so that several deployments fit one account. */
		stage: z.string().regex(STAGE_NAME, "must be 1 to 20 of a-z 0-9 -, beginning with a letter"),
		/** Where data may live. */
		regions: z.array(region).min(1, "must name at least one region").readonly(),
		/** Where metadata is written and state machines run; one of `regions`. */
		controlRegion: region,
		/** @default the account of the credentials at hand, else a placeholder that CloudFormation fills in */
		account: z
			.string()
			.regex(/^\d{12}$/, "must be the 12 digits of an AWS account")
			.optional(),
		/** Deletion protection and retention of tables. @default true */
		protectData: z.boolean().default(true),
		/** @default heliotrope-<stage>-model */
		modelEndpointName: z.string().min(1).optional(),
		/** A customer's endpoint that speaks the Chronos-2 JumpStart JSON; it then forecasts, and the model stands in where it fails. @default none */
		forecastEndpointName: z.string().min(1).optional(),
		/** Who may reach which partitions (docs/internals/access.md). @default nobody */
		access: accessPolicySchema.optional(),
		/** Base URL of each region's data plane; known after a first deployment. */
		dataPlaneUrls: z.record(z.string(), z.url()).default({}),
	})
	.refine((settings) => new Set(settings.regions).size === settings.regions.length, {
		path: ["regions"],
		message: "names a region twice; name each once",
	})
	.refine((settings) => settings.regions.includes(settings.controlRegion), {
		path: ["controlRegion"],
		message: "must be one of regions",
	});

/** How one deployment differs from another. */
export type Settings = z.infer<typeof settingsSchema>;

/** The settings cannot be used; the message names the field and the fix. */
export class SettingsError extends OperatingError {
	override name = "SettingsError";
	constructor(message: string) {
		super(message, { code: "settings.invalid", retryable: false });
	}
}

/** Checks settings from cdk.json or the command line. @throws SettingsError naming each wrong field and what would be right. */
export function parseSettings(input: unknown): Settings {
	const result = settingsSchema.safeParse(input);
	if (result.success) return result.data;
	const lines = result.error.issues.map((issue) => `  ${issue.path.join(".") || "settings"}: ${issue.message}`);
	throw new SettingsError(
		`${lines.join("\n")}\n  Set it in cdk.json under context.heliotrope, or with -c stage=, -c regions=a,b, -c controlRegion=.`,
	);
}

/** Base URLs by region out of the file that `cdk deploy --outputs-file` writes. */
export function dataPlaneUrlsFrom(outputs: unknown, stage: string): Record<string, string> {
	const byStack = z.record(z.string(), z.record(z.string(), z.string())).parse(outputs);
	const prefix = regionStackName(stage, "");
	const urls = Object.entries(byStack).flatMap(([stack, values]) => {
		const url = values["DataPlaneUrl"];
		return stack.startsWith(prefix) && url !== undefined ? [[stack.slice(prefix.length), url.replace(/\/$/, "")] as const] : [];
	});
	return Object.fromEntries(urls);
}

/** `heliotrope-<stage>-region-<region>`. */
export const regionStackName = (stage: string, regionName: string): string => `heliotrope-${stage}-region-${regionName}`;
