/** An image that lies in ECR. @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html */
export interface EcrImage {
	/** 12 digits: the account whose registry it is. */
	readonly account: string;
	readonly region: string;
	readonly repository: string;
}

const ECR_IMAGE =
	/^(?<account>\d{12})\.dkr\.ecr\.(?<region>[a-z0-9-]+)\.amazonaws\.com\/(?<repository>[a-z0-9][a-z0-9._/-]*)(:[\w][\w.-]*|@sha256:[0-9a-f]{64})?$/;

/** What would be right. */
export const IMAGE_EXAMPLE = "an image in ECR such as 123456789012.dkr.ecr.eu-west-1.amazonaws.com/model:7";

/** @returns undefined for what is no image in ECR */
export function parseImageUri(uri: string): EcrImage | undefined {
	const { account, region, repository } = ECR_IMAGE.exec(uri)?.groups ?? {};
	return account === undefined || region === undefined || repository === undefined ? undefined : { account, region, repository };
}
