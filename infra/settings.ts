import * as z from "zod";
import { accessPolicySchema } from "#domain/access/policy.ts";
import { OperatingError } from "#domain/shared/errors.ts";
import { fixOf } from "#infra/settings/fix-of.ts";
import {
	alarmsSchema,
	budgetsSchema,
	capacitySchema,
	consoleSchema,
	domainSchema,
	encryptionSchema,
	firewallSchema,
	modelSchema,
	placementSchema,
	region,
	residencySchema,
	schedulesSchema,
} from "#infra/settings/parts.ts";
import { refusals } from "#infra/settings/refusals.ts";
import { routingSchema } from "#infra/settings/routing.ts";

/** Names of functions, schedules and roles end at 64 characters; those of buckets decide with the region (refusals.ts). */
const STAGE_NAME = /^[a-z][a-z0-9-]{0,19}$/;
const STAGE_FORM = "must be 1 to 20 of a-z 0-9 -, beginning with a letter";

const shape = z.strictObject({
	/** Scopes every name, so that several applications or stages fit one account. */
	stage: z.string(STAGE_FORM).regex(STAGE_NAME, STAGE_FORM),
	/** Where data may live. One is added or retired in a deployment. */
	regions: z.array(region, "must be a list of AWS region codes").min(1, "must name at least one region").readonly(),
	/** Where metadata is written and state machines run; one of `regions`, for good. */
	controlRegion: region,
	/** Regions that were left out of `regions` on purpose, after their copies were moved away (docs/deploy.md). */
	retiredRegions: z.array(region).readonly().default([]),
	/** @default the account of the credentials at hand, else a placeholder that CloudFormation fills in */
	account: z
		.string()
		.regex(/^\d{12}$/, "must be the 12 digits of an AWS account")
		.optional(),
	/** Deletion protection, and retention of tables and buckets when their stack goes. */
	protectData: z.boolean("must be true or false").default(true),
	/** Who may reach which partitions (docs/internals/access.md). @default nobody */
	access: accessPolicySchema.optional(),
	residency: z.array(residencySchema).readonly().default([]),
	/** How requests name their partition, and who answers them. @default the data API */
	routing: routingSchema.prefault({}),
	capacity: capacitySchema.prefault({}),
	budgets: budgetsSchema.prefault({}),
	placement: placementSchema.prefault({}),
	schedules: schedulesSchema.prefault({}),
	model: modelSchema.prefault({}),
	alarms: alarmsSchema.prefault({}),
	/** Who may look at the console, and how they sign in. */
	console: consoleSchema,
	encryption: encryptionSchema,
	/** @default the distribution's own domain */
	domain: domainSchema.optional(),
	/** A limit of requests an address at the edge. @default none */
	firewall: firewallSchema.optional(),
	/** On everything that can be tagged, beside `heliotrope:stage`. */
	tags: z.record(z.string(), z.string()).default({}),
});

const settingsSchema = shape.superRefine((settings, context) => {
	for (const { path, message } of refusals(settings)) context.addIssue({ code: "custom", path: [...path], message });
});

/** How one deployment differs from another. */
export type Settings = z.output<typeof settingsSchema>;
/** Settings as they are written down: everything with a default may be left out. */
export type SettingsInput = z.input<typeof settingsSchema>;

/** Gives a settings file its types. */
export const defineSettings = (settings: SettingsInput): SettingsInput => settings;

/** The settings cannot be used; the message names each field and the fix. */
export class SettingsError extends OperatingError {
	override name = "SettingsError";
	constructor(message: string, code = "settings.invalid") {
		super(message, { code, retryable: false });
	}
}

/** Checks settings as written down. @param origin where they were read, for the message. @throws SettingsError naming each field and what would be right */
export function parseSettings(input: unknown, origin = "the settings file"): Settings {
	const result = settingsSchema.safeParse(input);
	if (result.success) return result.data;
	const lines = result.error.issues.map((issue) => `  ${issue.path.join(".") || "settings"}: ${fixOf(issue, KNOWN)}`);
	throw new SettingsError(`${lines.join("\n")}\n  Mend it in ${origin}; docs/deploy.md lists the settings.`);
}

const KNOWN = Object.keys(shape.shape);

/** `heliotrope-<stage>-<part>`: the name of a stack. */
export const stackName = (stage: string, part: string): string => `heliotrope-${stage}-${part}`;
