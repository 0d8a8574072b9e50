import * as z from "zod";

/** Bins of the probability of the most likely region, equally wide. */
export const CALIBRATION_BINS = 15;
/** Numbers of one window length: accesses, expected hits and hits, a bin after another. */
export const CALIBRATION_SIZE = 3 * CALIBRATION_BINS;

/** Sums of one window length. */
export const calibrationSumsSchema = z.array(z.number().min(0)).length(CALIBRATION_SIZE).readonly();

/** Classes of windows by the accesses expected in them, and bins of how far the accesses were from that. */
export const INTERVAL_CLASSES = 6;
export const INTERVAL_BINS = 40;
export const INTERVAL_SIZE = INTERVAL_CLASSES * INTERVAL_BINS;

/** Windows of one length, class after class, in a class by deviation. */
const intervalSumsSchema = z.array(z.number().min(0)).length(INTERVAL_SIZE).readonly();

/** What a deployment has seen of its forecasts' calibration since its model was put in use. */
export const calibrationSchema = z.strictObject({
	version: z.literal(1),
	/** The run that was taken in last, so that a repetition adds nothing. */
	appliedThroughHour: z.int(),
	/** Window in hours -> what is left of what training had seen, 0..1, what was seen since, and what was seen of the numbers of accesses. */
	windows: z.record(
		z.string().regex(/^[1-9]\d*$/),
		z.strictObject({ left: z.number().min(0).max(1), sums: calibrationSumsSchema, volumes: intervalSumsSchema.optional() }),
	),
});
export type Calibration = z.infer<typeof calibrationSchema>;

/** Window in hours -> sums of windows that have passed: of regions, and of numbers of accesses. */
export const seenSchema = z.record(
	z.string().regex(/^[1-9]\d*$/),
	z.strictObject({ regions: calibrationSumsSchema, volumes: intervalSumsSchema }),
);
export type Seen = z.infer<typeof seenSchema>;

/** A forecast that is held against its window: one a partition and window length at a time. */
export const probeSchema = z.strictObject({
	windowHours: z.int().min(1),
	/** The window's first hour. */
	fromHour: z.int(),
	/** The region that was most likely, and the model's own probability of it. */
	region: z.string(),
	confidence: z.number().min(0).max(1),
	/** The accesses that were expected; absent in probes of earlier releases. */
	expected: z.number().min(0).optional(),
	/** Accesses in the window so far, and those of them from that region. */
	accesses: z.number().min(0),
	hits: z.number().min(0),
});
export type Probe = z.infer<typeof probeSchema>;
