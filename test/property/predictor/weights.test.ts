import { expect, it } from "vitest";
import { CALIBRATION_BINS } from "#domain/prediction/calibration.ts";
import { predictionVectorSchema } from "#domain/prediction/prediction-vector.ts";
import { WINDOWS_HOURS } from "#domain/prediction/settings.ts";
import { BUILT_IN, whatIsWrong } from "#predictor/models/artefact.ts";
import { DEFAULT_ARTEFACT } from "#predictor/models/default-artefact.ts";
import { forecast } from "#predictor/models/forecast.ts";
import type { PoolArtefact } from "#predictor/models/pool.ts";
import { createModel } from "#predictor/models/registry.ts";
import fc from "#test/__helpers__/fast-check.ts";
import { goldenRequest } from "#test/unit/predictor/golden-request.ts";

const request = goldenRequest(6);
const like = DEFAULT_ARTEFACT.windows[6] ?? (undefined as never);
const weight = fc.oneof(fc.double({ min: -1000, max: 1000, noNaN: true }), fc.constantFrom(-1000, 0, 1000));
const many = <T>(one: fc.Arbitrary<T>, { length }: { readonly length: number }) => fc.array(one, { minLength: length, maxLength: length });

/** Accesses, expected hits and hits. */
const bin = fc
	.tuple(fc.constantFrom(0, 1, 1e15), fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))
	.map(([accesses, expected, hits]) => [accesses, accesses * expected, accesses * hits]);

const window = fc.record({
	linearShare: many(fc.double({ min: 0, max: 1, noNaN: true }), like.linearShare),
	linear: fc.constant(like.linear),
	log: many(many(weight, like.log[0] ?? []), like.log),
	volume: fc.record({ weights: many(weight, like.volume.weights), dispersion: fc.constantFrom(0, 1e-300, 0.5, 1000) }),
	calibration: many(bin, { length: CALIBRATION_BINS }).map((bins) => bins.flat()),
});
const artefact = window.map(
	(weights): PoolArtefact => ({ ...DEFAULT_ARTEFACT, windows: Object.fromEntries(WINDOWS_HOURS.map((hours) => [hours, weights])) }),
);

it("no weights that are served make a forecast of what is no number", () => {
	fc.assert(
		fc.property(artefact, (parameters) => {
			expect(whatIsWrong({ ...BUILT_IN, parameters })).toBeUndefined();
			for (const vector of forecast(createModel(parameters), request).vectors)
				expect(predictionVectorSchema.safeParse(vector).error).toBeUndefined();
		}),
	);
});
