import { serveJob } from "#cli/thread/serve-job.ts";
import { evaluateOn } from "#cli/train/evaluate-on.ts";
import type { TrainJob, TrainResult } from "#cli/train/train-job.ts";
import { trainOn } from "#cli/train/train-on.ts";

serveJob<TrainJob, TrainResult>((job, listener) =>
	job.command === "train" ? trainOn(job.options, job.nowMs, listener) : evaluateOn(job.options, job.nowMs, listener),
);
