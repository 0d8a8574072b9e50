import * as z from "zod";

const windowScore = z.strictObject({
	/** Windows scored, at least one access each. */
	windows: z.int().min(0),
	/** Mean over accesses of -ln P(region of the access). */
	logLoss: z.number(),
	/** Mean over accesses of the squared distance between forecast and outcome, 0..2. */
	brier: z.number(),
	/** Expected calibration error, 0..1. */
	ece: z.number(),
	/** Mean round-trip time in ms of the accesses, had each window been led from the region that the forecast makes cheapest. */
	decisionMs: z.number(),
});
export type WindowScore = z.infer<typeof windowScore>;

/** Window in hours -> how one forecaster did. */
const scores = z.record(z.string().regex(/^[1-9]\d*$/), windowScore);
export type Scores = z.infer<typeof scores>;

/** How a candidate did on the newest weeks, which it was not trained on, beside the model in use and the best reactive rule. */
export const evaluationSchema = z.strictObject({
	/** ISO 8601: accesses from `from` until before `to` were held out. */
	heldOut: z.strictObject({ from: z.iso.datetime(), to: z.iso.datetime(), accesses: z.int().min(0) }),
	candidate: scores,
	/** The model in use, on the windows that it forecasts. */
	current: z.strictObject({ name: z.string(), scores }),
	/** The reactive rule that was best on the held-out weeks: chosen in hindsight, so that beating it means something. */
	reactive: z.strictObject({ name: z.string(), scores }),
});
export type Evaluation = z.infer<typeof evaluationSchema>;
