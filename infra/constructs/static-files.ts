import { DefaultStackSynthesizer, RemovalPolicy, Stack } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Bucket, IBucket } from "aws-cdk-lib/aws-s3";
import { BucketDeployment, CacheControl, type ISource } from "aws-cdk-lib/aws-s3-deployment";
import { Construct } from "constructs";
import { acknowledge, acknowledgeObjectsOf } from "#infra/constructs/acknowledge.ts";
import { findingOf } from "#infra/constructs/arns.ts";
import { PrivateBucket } from "#infra/constructs/private-bucket.ts";
import type { Settings } from "#infra/settings.ts";

export interface StaticFilesProps {
	readonly settings: Settings;
	/** Completes the bucket's name. */
	readonly purpose: string;
}

/** Where `cdk bootstrap` has the files of deployments put. */
const ASSETS = `cdk-${DefaultStackSynthesizer.DEFAULT_QUALIFIER}-assets`;
const ASSETS_REASON = "The archive of files is named by its hash; the bucket holds what the deployment itself has put there.";

/** Files that a distribution hands out, in a bucket that holds nothing else and goes with its stack. */
export class StaticFiles extends Construct {
	readonly bucket: Bucket;
	readonly #settings: Settings;

	constructor(scope: Construct, id: string, { settings, purpose }: StaticFilesProps) {
		super(scope, id);
		this.#settings = settings;
		const whyUnlogged = "Holds published files only; who asked for them is known to the distribution.";
		this.bucket = new PrivateBucket(this, "Files", { settings, purpose, lifecycle: [], whyUnlogged, disposable: true }).bucket;
	}

	/** Puts files there with every deployment, and takes away what is none of them. @param contentType of all files; else by their names */
	publish(sources: readonly ISource[], contentType?: string): void {
		const logGroup = new LogGroup(this, "Logs", { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
		const role = this.#role(logGroup);
		const deployment = new BucketDeployment(this, "Deployment", {
			destinationBucket: this.bucket as IBucket,
			sources: sources.map((source) => this.#readBy(role, source)),
			// The library would grant wildcards of actions
			role: role.withoutPolicyUpdates(),
			logGroup,
			retainOnDelete: false,
			cacheControl: [CacheControl.noCache()],
			...(contentType === undefined ? {} : { contentType }),
		});
		deployment.node.addDependency(role);
		acknowledge(Stack.of(this), "AwsSolutions-L1", "The runtime of the function that copies files is the library's choice.");
	}

	#readBy(role: Role, source: ISource): ISource {
		const assets = `s3::${ASSETS}-${this.#settings.account ?? "<AWS::AccountId>"}-${Stack.of(this).region}/*`;
		acknowledge(role, findingOf(role, assets, this.#settings), ASSETS_REASON);
		return {
			bind: (at, context) => {
				const config = source.bind(at, context);
				role.addToPolicy(new PolicyStatement({ actions: ["s3:GetObject"], resources: [config.bucket.arnForObjects("*")] }));
				return config;
			},
		};
	}

	#role(logGroup: LogGroup): Role {
		const role = new Role(this, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
		logGroup.grantWrite(role);
		role.addToPolicy(
			new PolicyStatement({
				actions: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
				resources: [this.bucket.arnForObjects("*")],
			}),
		);
		role.addToPolicy(new PolicyStatement({ actions: ["s3:ListBucket"], resources: [this.bucket.bucketArn] }));
		acknowledgeObjectsOf(role, this.bucket);
		return role;
	}
}
