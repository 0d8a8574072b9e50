import * as z from "zod";
import { calibrationSumsSchema } from "#domain/prediction/calibration.ts";
import { WINDOWS_HOURS } from "#domain/prediction/settings.ts";
import { Calibrator } from "#predictor/models/calibration.ts";
import { normalise } from "#predictor/models/distribution.ts";
import { EXPERT_COUNT, EXPERTS, STEADY_EXPERTS } from "#predictor/models/expert-columns.ts";
import { FEATURES, fittedToSchema } from "#predictor/models/fitted-to.ts";
import { CONTEXT_BOUNDS_HOURS, CONTEXTS, contextOf, type GatedWeights, PoolMixer } from "#predictor/models/gated-pool.ts";
import type { Model } from "#predictor/models/model.ts";
import { VOLUME_FEATURES, type VolumeModel } from "#predictor/models/volume.ts";

/** Far above what training comes to, and far below what numbers overflow with. */
const MOST = 1000;
const MOST_COUNTED = 1e15;
const finite = z.number().min(-MOST).max(MOST);
const perExpert = z.array(finite).length(EXPERT_COUNT).readonly();
const shares = z
	.array(finite.min(0))
	.length(EXPERT_COUNT)
	.readonly()
	.refine((values) => Math.abs(values.reduce((sum, value) => sum + value, 0) - 1) < 1e-3, "shares sum to 1");
const inContexts = <T extends z.ZodType>(value: T) => z.array(value).length(CONTEXTS).readonly();
const literals = <T extends string | number>(values: readonly T[]) =>
	z
		.array(z.union([z.string(), z.number()]))
		.refine(
			(given) => given.length === values.length && given.every((value, index) => value === values[index]),
			`must be ${values.join(", ")}`,
		);

const windowSchema = z.strictObject({
	/** By context: how much of the forecast is the linear pool's. */
	linearShare: inContexts(finite.min(0).max(1)),
	/** By context, then expert: shares of the linear pool. */
	linear: inContexts(shares),
	/** By context, then expert: exponents of the logarithmic pool. */
	log: inContexts(perExpert),
	/** Regression weights of the expected accesses, and how widely they scatter. */
	volume: z.strictObject({ weights: z.array(finite).length(VOLUME_FEATURES).readonly(), dispersion: finite.min(0) }),
	/** Accesses, expected hits and hits by bin of the most likely region's probability, as training saw them. */
	calibration: calibrationSumsSchema.refine(areCounts, "hits, expected and seen, are at most as many as accesses"),
});

/** Whether sums of accesses, expected hits and hits can have been counted, but for rounding. */
function areCounts(sums: readonly number[]): boolean {
	const most = (at: number): number => Math.min(MOST_COUNTED, 1.001 * (sums[at - (at % 3)] ?? 0));
	return sums.every((sum, at) => (at % 3 === 0 ? sum <= MOST_COUNTED : sum <= most(at)));
}

/** The weights of one pool a window. */
export const poolArtefactSchema = z.strictObject({
	model: z.literal("pool"),
	version: z.literal(2),
	/** Must name the experts of this release in their order: weights of other experts mean something else. */
	experts: literals(EXPERTS),
	/** Must be the features of this release. */
	features: fittedToSchema,
	/** Must be the contexts of this release: hours since the last access, upper bounds. */
	contextBoundsHours: literals(CONTEXT_BOUNDS_HOURS),
	/** Window in hours -> weights. */
	windows: z
		.record(z.string().regex(/^[1-9]\d*$/), windowSchema)
		.refine(
			(windows) => WINDOWS_HOURS.every((hours) => windows[hours] !== undefined),
			`must have the windows of this release: ${WINDOWS_HOURS.join(", ")} hours`,
		),
});
export type PoolArtefact = z.infer<typeof poolArtefactSchema>;

/** What one window's forecasts are made with. */
export interface WindowModel {
	readonly windowHours: number;
	readonly pool: GatedWeights;
	readonly volume: VolumeModel;
	readonly calibration: readonly number[];
}

/** Weights as an artefact keeps them. */
export const toArtefact = (models: readonly WindowModel[]): PoolArtefact => ({
	model: "pool",
	version: 2,
	experts: [...EXPERTS],
	features: FEATURES,
	contextBoundsHours: [...CONTEXT_BOUNDS_HOURS],
	windows: Object.fromEntries(
		models.map(({ windowHours, pool, volume, calibration }) => [
			String(windowHours),
			{
				linearShare: [...pool.linearShare],
				linear: byContext(pool.linear),
				log: byContext(pool.log),
				volume: { weights: [...volume.weights], dispersion: volume.dispersion },
				calibration,
			},
		]),
	),
});

const byContext = (values: Float64Array): number[][] =>
	Array.from({ length: CONTEXTS }, (_, context) => [...values.subarray(context * EXPERT_COUNT, (context + 1) * EXPERT_COUNT)]);

/** The weights of one window of an artefact. */
export function weightsOf({ windows }: PoolArtefact, windowHours: number): GatedWeights | undefined {
	const window = windows[windowHours];
	if (window === undefined) return undefined;
	return {
		experts: EXPERT_COUNT,
		linearShare: Float64Array.from(window.linearShare),
		// written with few digits they sum to nearly 1
		linear: Float64Array.from(window.linear.flatMap(normalise)),
		log: Float64Array.from(window.log.flat()),
	};
}

/** A linear and a logarithmic pool of the experts, mixed in a proportion, all by how long ago the partition was accessed. */
export function createPool(artefact: PoolArtefact): Model {
	const windows = new Map(
		Object.entries(artefact.windows).map(([hours, { volume, calibration }]) => {
			const pool = weightsOf(artefact, Number(hours)) as GatedWeights;
			const scatter = { weights: Float64Array.from(volume.weights), dispersion: volume.dispersion };
			return [Number(hours), { pool, volume: scatter, calibration }] as const;
		}),
	);
	const of = (windowHours: number) => {
		const window = windows.get(windowHours);
		if (window === undefined) throw new RangeError(`the pool has no weights for ${windowHours} h`);
		return window;
	};
	let mixer = new PoolMixer(0);
	const mixerFor = (out: Float64Array): PoolMixer => {
		if (mixer.regions !== out.length) mixer = new PoolMixer(out.length);
		return mixer;
	};
	return {
		windowsHours: [...windows.keys()],
		mix: (experts, windowHours, out) =>
			mixerFor(out).mix(experts.forecasts, 0, of(windowHours).pool, contextOf(experts.amounts.ageHours), out),
		mixHours(experts, windowHours, fromHour, hours, out, each) {
			const { pool } = of(windowHours);
			const context = contextOf(experts.amounts.ageHours);
			const own = mixerFor(out);
			own.hold(experts.forecasts, 0, pool, context, STEADY_EXPERTS);
			for (let index = 0; index < hours; index += 1) {
				experts.tilt(fromHour + index, 1);
				own.mixHeld(experts.forecasts, 0, pool, context, STEADY_EXPERTS, out);
				each(index);
			}
		},
		volume: (windowHours) => of(windowHours).volume,
		calibrator: (windowHours) => new Calibrator(of(windowHours).calibration),
	};
}
