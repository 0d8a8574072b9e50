import { existsSync } from "node:fs";
import { join } from "node:path";
import { servingRoleName } from "#infra/description/roles.ts";
import { STAGE } from "#local/deployment.ts";
import { type ModelProcess, startModelProcess } from "#local/model/model-process.ts";
import type { BucketFiles } from "#local/s3/bucket-files.ts";
import { unpackInto } from "#local/sagemaker/archives.ts";
import { StartupError } from "#local/startup-error.ts";
import type { KeySpace } from "#local/state/durable-state.ts";

/** A model: where its archive is; the one a deployment begins with has none. */
export interface StoredModel {
	readonly modelDataUrl?: string;
	readonly image: string;
	readonly roleArn: string;
}
/** What an endpoint configuration says here: which model. */
export interface StoredConfig {
	readonly modelName: string;
}

export interface EndpointOptions {
	readonly dataDir: string;
	readonly files: BucketFiles;
	readonly models: KeySpace<StoredModel>;
	readonly configs: KeySpace<StoredConfig>;
	/** `config` -> the name of the configuration that is served. */
	readonly served: KeySpace<string>;
	readonly log: (line: string) => void;
}

/** The names a deployment begins with. */
export const INITIAL = "initial";
const SERVED = "config";

/** The endpoint: one model process, started with the first call and replaced when another configuration is to be served. */
export class LocalEndpoint {
	readonly #options: EndpointOptions;
	#process: Promise<ModelProcess> | undefined;
	#configName: string;

	constructor(options: EndpointOptions) {
		this.#options = options;
		const { models, configs, served } = options;
		if (models.get(INITIAL) === undefined)
			models.set(INITIAL, { image: "heliotrope-model", roleArn: `arn:aws:iam::000000000000:role/${servingRoleName(STAGE)}` });
		if (configs.get(INITIAL) === undefined) configs.set(INITIAL, { modelName: INITIAL });
		this.#configName = served.get(SERVED) ?? INITIAL;
	}

	get configName(): string {
		return this.#configName;
	}

	/** Of the process, which serves what was served last. Where it does not come up, the next call tries again. @throws StartupError */
	async url(): Promise<string> {
		this.#process ??= this.#startOf(this.#configName);
		const asked = this.#process;
		try {
			return (await asked).url;
		} catch (error) {
			// another may serve by now
			if (this.#process === asked) this.#process = undefined;
			throw error;
		}
	}

	/** Serves another configuration once its model is loaded; the old one goes on until then, and stays where the new one fails. */
	async update(configName: string): Promise<void> {
		const next = await this.#startOf(configName);
		const old = this.#process;
		this.#process = Promise.resolve(next);
		this.#configName = configName;
		this.#options.served.set(SERVED, configName);
		await stopped(old);
	}

	stop(): Promise<void> {
		return stopped(this.#process);
	}

	async #startOf(configName: string): Promise<ModelProcess> {
		return startModelProcess(await this.#directoryOf(configName), this.#options.log);
	}

	/** The unpacked model of a configuration. */
	async #directoryOf(configName: string): Promise<string> {
		const { dataDir, files, models, configs } = this.#options;
		const modelName = configs.get(configName)?.modelName ?? INITIAL;
		const url = models.get(modelName)?.modelDataUrl;
		if (url === undefined) return join(dataDir, "model");
		const dir = join(dataDir, "models", modelName);
		const { bucket, key } = parseS3Url(url);
		if (existsSync(dir)) return dir;
		const archive = files.get(bucket, key);
		if (archive === undefined) throw new StartupError("model-missing", `the model ${modelName} has no archive at ${url}`);
		await unpackInto(archive, dir);
		return dir;
	}
}

/** One that has not come up has nothing to stop. */
async function stopped(process: Promise<ModelProcess> | undefined): Promise<void> {
	await (await process?.catch(() => undefined))?.stop();
}

/** `s3://bucket/key` in its parts. */
export function parseS3Url(url: string): { readonly bucket: string; readonly key: string } {
	const [, bucket = "", key = ""] = /^s3:\/\/([^/]+)\/(.*)$/.exec(url) ?? [];
	return { bucket, key };
}
