import assert from "node:assert";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { Stack } from "aws-cdk-lib";
import { DockerImageAsset, Platform } from "aws-cdk-lib/aws-ecr-assets";
import { Construct } from "constructs";
import { buildSync } from "esbuild";
import { temporaryDirectory } from "#infra/constructs/temporary-directory.ts";
import { parseImageUri } from "#infra/settings/image-uri.ts";
import type { Settings } from "#infra/settings.ts";

/** The entry of the container, with the arguments `train` and `serve`, and how it becomes an image. */
const ENTRY = "predictor/container/main.ts";
const DOCKERFILE = "predictor/Dockerfile";

export interface ModelImageProps {
	readonly settings: Settings;
}

/**
 * The container image of the model: one that is named, or one that is built from a bundle of predictor/ when it is deployed. Synthesis
 * fingerprints the bundle and runs no Docker.
 */
export class ModelImage extends Construct {
	readonly uri: string;
	/** The repository to be allowed to pull from. */
	readonly repositoryArn: string;

	constructor(scope: Construct, id: string, { settings }: ModelImageProps) {
		super(scope, id);
		const { image } = settings.model;
		if ("uri" in image) {
			this.uri = image.uri;
			this.repositoryArn = this.#repositoryOf(image.uri);
			return;
		}
		const asset = new DockerImageAsset(this, "Image", {
			directory: Stack.of(this).bundlingRequired ? bundled() : "predictor",
			platform: Platform.LINUX_AMD64,
			assetName: "heliotrope-model",
		});
		this.uri = asset.imageUri;
		this.repositoryArn = asset.repository.repositoryArn;
	}

	/** Of an account of its own, perhaps: then the repository's policy has to agree. */
	#repositoryOf(uri: string): string {
		const image = parseImageUri(uri);
		assert(image !== undefined, `${uri} is no image in ECR, which settings refuse`);
		const { account, region, repository } = image;
		return Stack.of(this).formatArn({ service: "ecr", account, region, resource: "repository", resourceName: repository });
	}
}

function bundled(): string {
	const directory = temporaryDirectory("heliotrope-model-");
	const options = { bundle: true, platform: "node", format: "esm", target: "node24", keepNames: true, logLevel: "warning" } as const;
	buildSync({ ...options, entryPoints: [ENTRY], outfile: join(directory, "model.mjs") });
	cpSync(DOCKERFILE, join(directory, "Dockerfile"));
	return directory;
}
