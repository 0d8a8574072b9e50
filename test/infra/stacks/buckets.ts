import type { Template } from "aws-cdk-lib/assertions";
import { expect, test } from "vitest";
import { ACCESS_ARCHIVE } from "#infra/description/access-archive.ts";
import { COUNTS_PREFIX, contextPrefix, JOBS_PREFIX } from "#lambdas/train-model/training-set.ts";
import { propertiesOf, type Synthesized } from "#test/infra/stacks/synthesized.ts";

interface Rule {
	readonly Prefix?: string;
	readonly ExpirationInDays?: number;
	readonly Transitions?: readonly { readonly StorageClass: string; readonly TransitionInDays: number }[];
	readonly AbortIncompleteMultipartUpload?: { readonly DaysAfterInitiation: number };
}

interface Statement {
	readonly Effect: string;
	readonly Principal?: unknown;
	readonly Action: unknown;
	readonly Condition?: unknown;
}

/** Buckets let nobody in without TLS, are encrypted and closed, and forget what is old. */
export function testBuckets(templates: Synthesized): void {
	const withBuckets = (): readonly Template[] =>
		[...templates.all.values()].filter((template) => Object.keys(template.findResources("AWS::S3::Bucket")).length > 0);

	test("every bucket refuses whoever comes without TLS 1.2", () => {
		expect(withBuckets().length).toBeGreaterThan(1);
		for (const template of withBuckets()) {
			const policies = propertiesOf(template, "AWS::S3::BucketPolicy");
			for (const id of Object.keys(template.findResources("AWS::S3::Bucket"))) {
				const policy = policies.find(({ Bucket }) => (Bucket as { Ref?: string }).Ref === id);
				const { Statement: statements = [] } = (policy?.["PolicyDocument"] ?? {}) as { Statement?: readonly Statement[] };
				for (const Condition of [{ Bool: { "aws:SecureTransport": "false" } }, { NumericLessThan: { "s3:TlsVersion": 1.2 } }])
					expect(statements, id).toContainEqual(
						expect.objectContaining({ Effect: "Deny", Principal: { AWS: "*" }, Action: "s3:*", Condition }),
					);
			}
		}
	});

	test("every bucket is encrypted, and closed to the public", () => {
		for (const bucket of withBuckets().flatMap((template) => propertiesOf(template, "AWS::S3::Bucket"))) {
			expect(bucket).toMatchObject({
				BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }] },
				PublicAccessBlockConfiguration: {
					BlockPublicAcls: true,
					BlockPublicPolicy: true,
					IgnorePublicAcls: true,
					RestrictPublicBuckets: true,
				},
				OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
			});
		}
	});

	const rulesOf = (purpose: string): readonly Rule[] => {
		const bucket = propertiesOf(templates.prediction, "AWS::S3::Bucket").find(({ BucketName }) =>
			String(BucketName).startsWith(`heliotrope-test-${purpose}-`),
		);
		return (bucket?.["LifecycleConfiguration"] as { Rules: readonly Rule[] } | undefined)?.Rules ?? [];
	};
	/** Days after which an object under a key is gone. */
	const daysOf = (rules: readonly Rule[], key: string): number | undefined =>
		rules.find(({ Prefix = "", ExpirationInDays }) => ExpirationInDays !== undefined && key.startsWith(Prefix))?.ExpirationInDays;

	test("accesses move to the infrequent class, and go; what could not be made a row goes within days", () => {
		const [rule, errors, ...more] = rulesOf("accesses");
		expect(more).toEqual([]);
		const [prefix = ""] = ACCESS_ARCHIVE.errorPrefix.split("!");
		expect(errors).toMatchObject({ Prefix: prefix, ExpirationInDays: ACCESS_ARCHIVE.errorsDeletedAfterDays });
		expect(ACCESS_ARCHIVE.prefix.startsWith(prefix)).toBe(false);
		expect(rule).toMatchObject({
			ExpirationInDays: ACCESS_ARCHIVE.deletedAfterDays,
			Transitions: [{ StorageClass: "STANDARD_IA", TransitionInDays: ACCESS_ARCHIVE.infrequentAfterDays }],
			AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
		});
	});

	test("what a training was judged against goes; what trains and what serves stays", () => {
		const rules = rulesOf("features");
		expect(daysOf(rules, contextPrefix("job"))).toBe(90);
		// The model in use may be years old, and is loaded whenever the endpoint starts an instance
		for (const key of [`${JOBS_PREFIX}job/output/model.tar.gz`, `${COUNTS_PREFIX}2024-01-01.csv.gz`])
			expect(daysOf(rules, key)).toBeUndefined();
		expect(rules.some(({ AbortIncompleteMultipartUpload }) => AbortIncompleteMultipartUpload?.DaysAfterInitiation === 1)).toBe(true);
	});
}
