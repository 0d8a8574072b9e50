import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { LocalClock } from "#local/clock/local-clock.ts";
import { CONTAINER_ENTRY, codeCache, EXIT_WITH_PARENT } from "#local/model/model-process.ts";
import type { BucketFiles } from "#local/s3/bucket-files.ts";
import { packDirectory } from "#local/sagemaker/archives.ts";
import type { KeySpace } from "#local/state/durable-state.ts";

/** What a job is asked for, as far as it is used here. */
export interface JobRequest {
	readonly name: string;
	/** Channel -> bucket and prefix of its objects. */
	readonly channels: readonly { readonly name: string; readonly bucket: string; readonly prefix: string }[];
	readonly output: { readonly bucket: string; readonly prefix: string };
	readonly hyperparameters: Readonly<Record<string, string>>;
	readonly maxRuntimeSeconds: number;
}

export interface Job {
	readonly status: "InProgress" | "Completed" | "Failed";
	/** `s3://bucket/key` of the archive. */
	readonly artefactUrl?: string;
	readonly failureReason?: string;
}

export interface TrainingJobsOptions {
	readonly clock: LocalClock;
	readonly files: BucketFiles;
	/** Where jobs have their directories. */
	readonly dir: string;
	readonly space: KeySpace<Job>;
	readonly log: (line: string) => void;
}

/** SageMaker cuts a failure reason here. */
const MAX_REASON = 1024;

/**
 * Training jobs as processes: the container's entry point with the argument `train` and the directories of the SageMaker contract. A job
 * takes no virtual time. Jobs that an earlier run left under way have failed.
 */
export class TrainingJobs {
	readonly #options: TrainingJobsOptions;
	readonly #children = new Set<ChildProcess>();
	readonly #running = new Set<Promise<void>>();

	constructor(options: TrainingJobsOptions) {
		this.#options = options;
		const { space } = options;
		for (const [name, job] of space.entries())
			if (job.status === "InProgress") space.set(name, { status: "Failed", failureReason: "InternalServerError: the job's host was lost" });
	}

	find(name: string): Job | undefined {
		return this.#options.space.get(name);
	}

	/** The job must be new. */
	start(request: JobRequest): void {
		const { clock, space, log } = this.#options;
		space.set(request.name, { status: "InProgress" });
		const activity = clock.begin(`training job ${request.name}`);
		const running = this.#run(request)
			.catch((error: unknown): Job => ({ status: "Failed", failureReason: `InternalServerError: ${String(error)}`.slice(0, MAX_REASON) }))
			.then((job) => {
				space.set(request.name, job);
				log(`training job ${request.name}: ${job.status}${job.failureReason === undefined ? "" : `, ${job.failureReason}`}`);
			})
			.finally(() => {
				this.#running.delete(running);
				activity.end();
			});
		this.#running.add(running);
	}

	/** Ends jobs under way; they have failed. */
	async stop(): Promise<void> {
		for (const child of this.#children) child.kill("SIGKILL");
		await Promise.all(this.#running);
	}

	async #run(request: JobRequest): Promise<Job> {
		const { files, dir } = this.#options;
		const prefix = join(dir, request.name);
		layOut(prefix, request, files);
		const { code, lastLine } = await this.#train(prefix, request);
		if (code !== 0) return { status: "Failed", failureReason: `AlgorithmError: ${failureOf(prefix) ?? lastLine}`.slice(0, MAX_REASON) };
		const key = `${request.output.prefix}${request.name}/output/model.tar.gz`;
		files.put(request.output.bucket, key, await packDirectory(join(prefix, "model")));
		rmSync(prefix, { recursive: true, force: true });
		return { status: "Completed", artefactUrl: `s3://${request.output.bucket}/${key}` };
	}

	#train(prefix: string, { name, maxRuntimeSeconds }: JobRequest): Promise<{ readonly code: number | null; readonly lastLine: string }> {
		const env = { PATH: process.env["PATH"] ?? "", HELIOTROPE_ML_PREFIX: prefix, TRAINING_JOB_NAME: name, ...codeCache() };
		const child = spawn(process.execPath, ["--import", EXIT_WITH_PARENT, CONTAINER_ENTRY, "train"], {
			env,
			stdio: ["pipe", "pipe", "pipe"],
		});
		this.#children.add(child);
		let lastLine = "no output";
		for (const stream of [child.stdout, child.stderr]) {
			stream.setEncoding("utf8").on("data", (text: string) => {
				lastLine = text.trim().split("\n").at(-1) ?? lastLine;
				this.#options.log(`${name} ${text.trim()}`);
			});
		}
		const limit = setTimeout(() => child.kill("SIGKILL"), maxRuntimeSeconds * 1000);
		return new Promise((resolve, reject) => {
			child.once("error", reject);
			child.once("close", (code) => {
				clearTimeout(limit);
				this.#children.delete(child);
				resolve({ code, lastLine });
			});
		});
	}
}

/** The directories a container finds at its start. */
function layOut(prefix: string, request: JobRequest, files: BucketFiles): void {
	rmSync(prefix, { recursive: true, force: true });
	for (const part of ["input/config", "model", "output"]) mkdirSync(join(prefix, part), { recursive: true });
	writeFileSync(join(prefix, "input/config/hyperparameters.json"), JSON.stringify(request.hyperparameters));
	for (const { name, bucket, prefix: keys } of request.channels) {
		const channel = join(prefix, "input/data", name);
		mkdirSync(channel, { recursive: true });
		for (const { key } of files.list(bucket, keys)) copyFileSync(files.pathOf(bucket, key), join(channel, basename(key)));
	}
}

function failureOf(prefix: string): string | undefined {
	try {
		return readFileSync(join(prefix, "output/failure"), "utf8");
	} catch {
		return undefined;
	}
}
