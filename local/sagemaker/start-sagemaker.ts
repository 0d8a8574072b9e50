import { join } from "node:path";
import type { LocalClock } from "#local/clock/local-clock.ts";
import type { AwsService } from "#local/gateway/aws-service.ts";
import type { BucketFiles } from "#local/s3/bucket-files.ts";
import { controlPlane } from "#local/sagemaker/control-plane.ts";
import { LocalEndpoint, type StoredConfig, type StoredModel } from "#local/sagemaker/endpoint.ts";
import { sagemakerService } from "#local/sagemaker/sagemaker-service.ts";
import { type Job, TrainingJobs } from "#local/sagemaker/training-jobs.ts";
import type { DurableState } from "#local/state/durable-state.ts";

export interface StartSageMakerOptions {
	readonly endpointName: string;
	readonly dataDir: string;
	readonly files: BucketFiles;
	readonly clock: LocalClock;
	readonly state: DurableState;
	readonly log: (line: string) => void;
}

/** SageMaker of the control region: the endpoint with the model that was served last, and training jobs. */
export function startSageMaker(options: StartSageMakerOptions): { readonly service: AwsService; stop(): Promise<void> } {
	const { endpointName, dataDir, files, clock, state, log } = options;
	const models = state.space<StoredModel>("sagemaker-models");
	const configs = state.space<StoredConfig>("sagemaker-configs");
	const endpoint = new LocalEndpoint({ dataDir, files, models, configs, served: state.space<string>("sagemaker-endpoint"), log });
	const jobs = new TrainingJobs({ clock, files, dir: join(dataDir, "training"), space: state.space<Job>("training-jobs"), log });
	return {
		service: sagemakerService({
			urlOf: (name) => (name === endpointName ? endpoint.url() : undefined),
			control: controlPlane({ endpointName, jobs, endpoint, models, configs }),
			log,
		}),
		stop: async () => {
			await jobs.stop();
			await endpoint.stop();
		},
	};
}
