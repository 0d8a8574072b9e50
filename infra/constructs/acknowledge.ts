import { Stack, Validations } from "aws-cdk-lib";
import type { Bucket, CfnBucket } from "aws-cdk-lib/aws-s3";
import type { IConstruct } from "constructs";

/** Accepts one finding of the rule pack below `scope`; the reason is what a reviewer reads. */
export function acknowledge(scope: IConstruct, id: string, reason: string): void {
	Validations.of(scope).acknowledge({ id, reason });
}

/** Accepts that a statement names all objects of one bucket. */
export function acknowledgeObjectsOf(scope: IConstruct, bucket: Bucket): void {
	const logicalId = Stack.of(bucket).getLogicalId(bucket.node.defaultChild as CfnBucket);
	acknowledge(
		scope,
		`AwsSolutions-IAM5[Resource::<${logicalId}.Arn>/*]`,
		"Objects get their names when they are written; the bucket is named.",
	);
}
