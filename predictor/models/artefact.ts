import * as z from "zod";
import { DEFAULT_ARTEFACT } from "#predictor/models/default-artefact.ts";
import { parametersSchema } from "#predictor/models/registry.ts";

/** How well a model forecast windows that it was not trained on. */
const windowMetricsSchema = z.strictObject({
	/** Windows scored, at least one access each. */
	windows: z.int().min(0),
	/** Mean over accesses of -ln P(region); lower is better. */
	logLoss: z.number(),
	/** Mean over accesses of the squared distance between forecast and where the access came from, 0..2; lower is better. */
	brier: z.number().min(0).max(2),
	/** Expected calibration error, 0..1: how far forecast probabilities are from observed shares. */
	ece: z.number().min(0).max(1),
});

const byWindow = <T extends z.ZodType>(value: T) => z.record(z.string().regex(/^[1-9]\d*$/), value);

/** Window in hours -> metrics. */
const metricsSchema = byWindow(windowMetricsSchema);

/** Version 1 held seven experts and no gates. */
export const ARTEFACT_FORMAT_VERSION = 2;

/** What training writes, the registry keeps and serving loads: `model.json`. */
export const modelArtefactSchema = z.strictObject({
	format: z.literal("heliotrope-model"),
	formatVersion: z.literal(ARTEFACT_FORMAT_VERSION),
	/** Names the artefact in logs, verdicts and the command line. */
	name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/),
	parameters: parametersSchema,
	/** What it was trained on; absent for weights that came with the release. */
	trained: z
		.strictObject({
			/** ISO 8601: accesses from `from` until before `to`. */
			from: z.iso.datetime(),
			to: z.iso.datetime(),
			accesses: z.int().min(1),
			partitions: z.int().min(1),
			/** Window in hours -> windows with at least one access. */
			windows: byWindow(z.int().min(0)),
		})
		.refine(({ from, to }) => from < to, "the span ends after it begins")
		.optional(),
	/** Scores on windows after `trained.to`. */
	metrics: metricsSchema.optional(),
	/** The same windows forecast by baselines, by their name. */
	baselines: z.record(z.string(), metricsSchema).optional(),
});
export type ModelArtefact = z.infer<typeof modelArtefactSchema>;

/** The model of a fresh deployment. */
export const BUILT_IN: ModelArtefact = {
	format: "heliotrope-model",
	formatVersion: ARTEFACT_FORMAT_VERSION,
	name: "built-in",
	parameters: DEFAULT_ARTEFACT,
};

/** What is wrong with a would-be artefact in one line; undefined for one that this release can serve. */
export function whatIsWrong(json: unknown): string | undefined {
	const envelope = z.looseObject({ format: z.unknown(), formatVersion: z.unknown() }).safeParse(json);
	if (!envelope.success || envelope.data.format !== "heliotrope-model") return "it is no artefact of Heliotrope (format heliotrope-model)";
	if (envelope.data.formatVersion !== ARTEFACT_FORMAT_VERSION)
		return `it has format version ${JSON.stringify(envelope.data.formatVersion)}, this release reads version ${ARTEFACT_FORMAT_VERSION}; train it again`;
	const parsed = modelArtefactSchema.safeParse(json);
	return parsed.success ? undefined : z.prettifyError(parsed.error).replaceAll(/\s+/g, " ");
}

/** The artefact as JSON Schema, for those who check one without Heliotrope: shapes and ranges, not which features this release has. */
export const artefactJsonSchema = () => ({ title: "Heliotrope model artefact", ...z.toJSONSchema(modelArtefactSchema, { io: "input" }) });
