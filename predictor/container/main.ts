#!/usr/bin/env node
import { mlPaths } from "#predictor/container/ml-paths.ts";
import { serve } from "#predictor/container/serve.ts";

/**
 * The entry point of the image. SageMaker starts it with `serve`.
 *
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-dockerfile.html
 */
const [, , command] = process.argv;

if (command === "serve") serve(mlPaths(process.env), process.env);
else {
	console.error(`heliotrope model: give serve${command === undefined ? "" : `, not ${command}`}`);
	process.exitCode = 2;
}
