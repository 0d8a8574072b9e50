import { EXPERTS } from "#predictor/models/experts.ts";
import type { PoolArtefact } from "#predictor/models/pool.ts";

/** The model of a fresh deployment: weights found on recorded access logs, see docs/internals/prediction.md. */
export const DEFAULT_ARTEFACT: PoolArtefact = {
	model: "pool",
	version: 1,
	experts: [...EXPERTS],
	windows: {
		6: {
			linear: [0.044, 0.02, 0.035, 0.056, 0.054, 0.133, 0.658],
			log: [0.176, -0.185, 0.045, 0.12, 0.006, 0.141, 0.572],
		},
		168: {
			linear: [0.056, 0.029, 0.033, 0.182, 0.255, 0.167, 0.278],
			log: [0.162, -0.091, -0.056, 0.316, 0.341, 0.13, 0.084],
		},
	},
};
