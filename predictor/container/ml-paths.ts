import { join } from "node:path";

/** Where SageMaker puts everything; elsewhere for runs outside a container. */
const DEFAULT_PREFIX = "/opt/ml";

/** The directories and files of the SageMaker contract. */
export interface MlPaths {
	/** The file with what the job was asked for, all values strings. */
	readonly hyperparameters: string;
	/** The directory of an input channel. */
	channel(name: string): string;
	/** What is written here becomes the model archive; what is served is read from here. */
	readonly model: string;
	/** The file whose first 1,024 characters become the job's FailureReason. */
	readonly failure: string;
}

/**
 * `HELIOTROPE_ML_PREFIX` stands for `/opt/ml`, `SM_MODEL_DIR` for its model directory.
 *
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html
 */
export function mlPaths(environment: Readonly<Record<string, string | undefined>>): MlPaths {
	const prefix = environment["HELIOTROPE_ML_PREFIX"] ?? DEFAULT_PREFIX;
	return {
		hyperparameters: join(prefix, "input/config/hyperparameters.json"),
		channel: (name) => join(prefix, "input/data", name),
		model: environment["SM_MODEL_DIR"] ?? join(prefix, "model"),
		failure: join(prefix, "output/failure"),
	};
}
