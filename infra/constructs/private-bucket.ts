import { Stack } from "aws-cdk-lib";
import { BlockPublicAccess, Bucket, BucketEncryption, type LifecycleRule, ObjectOwnership } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { acknowledge } from "#infra/constructs/acknowledge.ts";
import { keptIf } from "#infra/constructs/kept.ts";
import type { Settings } from "#infra/settings.ts";

export interface PrivateBucketProps {
	readonly settings: Settings;
	/** Completes `heliotrope-<stage>-<purpose>-<account>-<region>`, because bucket names are the world's. */
	readonly purpose: string;
	readonly lifecycle: readonly LifecycleRule[];
	/** Why no access log is kept; nothing else writes and reads here. */
	readonly whyUnlogged: string;
	/** Holds nothing that a deployment would not write again. @default false */
	readonly disposable?: boolean;
}

/** A bucket of our own: encrypted, reachable by TLS only, closed to the public, kept when its stack goes if data is protected. */
export class PrivateBucket extends Construct {
	readonly bucket: Bucket;

	constructor(scope: Construct, id: string, props: PrivateBucketProps) {
		super(scope, id);
		const { settings, purpose, lifecycle, disposable = false } = props;
		const { account, region } = Stack.of(this);
		this.bucket = new Bucket(this, "Bucket", {
			bucketName: `heliotrope-${settings.stage}-${purpose}-${account}-${region}`,
			encryption: BucketEncryption.S3_MANAGED,
			blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
			objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
			enforceSSL: true,
			minimumTLSVersion: 1.2,
			removalPolicy: keptIf(settings.protectData && !disposable),
			lifecycleRules: [...lifecycle],
		});
		acknowledge(this.bucket, "AwsSolutions-S1", props.whyUnlogged);
	}
}
