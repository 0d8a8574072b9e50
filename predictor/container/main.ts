#!/usr/bin/env node
import { isMainThread } from "node:worker_threads";
import { mlPaths } from "#predictor/container/ml-paths.ts";
import { serve } from "#predictor/container/serve.ts";
import { train } from "#predictor/container/train.ts";
import { runApart } from "#predictor/container/train-apart.ts";

/**
 * The entry point of the image. SageMaker starts it with `train` or `serve`. Training starts it once more, as a thread.
 *
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-dockerfile.html
 */
const paths = mlPaths(process.env);
const [, , command] = process.argv;

if (!isMainThread) await runApart(paths, process.env);
else if (command === "serve") serve(paths, process.env);
else if (command === "train") process.exitCode = await train(paths);
else {
	console.error(`heliotrope model: give train or serve${command === undefined ? "" : `, not ${command}`}`);
	process.exitCode = 2;
}
