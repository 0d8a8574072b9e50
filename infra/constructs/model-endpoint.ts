import { ArnFormat, Stack, Token } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { CfnEndpoint, CfnEndpointConfig, CfnModel } from "aws-cdk-lib/aws-sagemaker";
import { Construct } from "constructs";
import { acknowledge, acknowledgeObjectsOf } from "#infra/constructs/acknowledge.ts";
import { shownPartition } from "#infra/constructs/arns.ts";
import { modelEndpointName } from "#infra/constructs/described-deployment.ts";
import { ModelImage } from "#infra/constructs/model-image.ts";
import { servingRoleName, trainingRoleName } from "#infra/description/roles.ts";
import type { Settings } from "#infra/settings.ts";

export interface ModelEndpointProps {
	readonly settings: Settings;
	readonly endpoint: OwnEndpoint;
	/** Where training puts artefacts. */
	readonly artefacts: Bucket;
}

/** One that the deployment makes. */
export type OwnEndpoint = Exclude<Settings["model"]["endpoint"], { kind: "existing" }>;

/** The model behind a SageMaker endpoint, serverless or on instances, and the roles under which its container serves and trains. */
export class ModelEndpoint extends Construct {
	readonly image: ModelImage;
	readonly servingRole: Role;
	readonly trainingRole: Role;

	constructor(scope: Construct, id: string, { settings, endpoint, artefacts }: ModelEndpointProps) {
		super(scope, id);
		this.image = new ModelImage(this, "Image", { settings });
		const { stage } = settings;
		this.servingRole = this.#role("ServingRole", servingRoleName(stage), `/aws/sagemaker/Endpoints/${modelEndpointName(settings)}`);
		this.servingRole.addToPolicy(new PolicyStatement({ actions: ["s3:GetObject"], resources: [artefacts.arnForObjects("*")] }));
		acknowledgeObjectsOf(this.servingRole, artefacts);
		this.trainingRole = this.#role("TrainingRole", trainingRoleName(stage), "/aws/sagemaker/TrainingJobs");
		// Reads training sets, writes archives.
		this.trainingRole.addToPolicy(
			new PolicyStatement({ actions: ["s3:GetObject", "s3:PutObject"], resources: [artefacts.arnForObjects("*")] }),
		);
		this.trainingRole.addToPolicy(new PolicyStatement({ actions: ["s3:ListBucket"], resources: [artefacts.bucketArn] }));
		acknowledgeObjectsOf(this.trainingRole, artefacts);
		this.#serve(settings, endpoint);
	}

	#serve(settings: Settings, endpoint: OwnEndpoint): void {
		const model = new CfnModel(this, "Model", {
			executionRoleArn: this.servingRole.roleArn,
			primaryContainer: { image: this.image.uri },
		});
		model.node.addDependency(this.servingRole);
		// Without a name: a changed configuration is a new one, which the endpoint then moves to
		const config = new CfnEndpointConfig(this, "Config", {
			productionVariants: [{ ...variantOf(endpoint), modelName: model.attrModelName }],
		});
		new CfnEndpoint(this, "Endpoint", { endpointName: modelEndpointName(settings), endpointConfigName: config.attrEndpointConfigName });
	}

	/** What SageMaker itself needs to run a container of ours: its image, its logs, its metrics. */
	#role(id: string, roleName: string, logGroup: string): Role {
		const role = new Role(this, id, { roleName, assumedBy: new ServicePrincipal("sagemaker.amazonaws.com") });
		role.addToPolicy(
			new PolicyStatement({
				actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
				resources: [this.image.repositoryArn],
			}),
		);
		role.addToPolicy(new PolicyStatement({ actions: ["ecr:GetAuthorizationToken"], resources: ["*"] }));
		role.addToPolicy(
			new PolicyStatement({
				actions: ["cloudwatch:PutMetricData"],
				resources: ["*"],
				conditions: { StringLike: { "cloudwatch:namespace": "/aws/sagemaker/*" } },
			}),
		);
		const logs = ["", ":log-stream:*"].map((streams) =>
			Stack.of(this).formatArn({
				service: "logs",
				resource: "log-group",
				resourceName: `${logGroup}${streams}`,
				arnFormat: ArnFormat.COLON_RESOURCE_NAME,
			}),
		);
		role.addToPolicy(
			new PolicyStatement({ actions: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], resources: logs }),
		);
		acknowledge(role, this.#streamsOf(logGroup), "SageMaker names a log stream when it starts a container; the log group is named.");
		acknowledge(
			role,
			"AwsSolutions-IAM5[Resource::*]",
			"An authorization token of ECR and a metric have no resource; the metric's namespace is named.",
		);
		return role;
	}

	#streamsOf(logGroup: string): string {
		const { account, region } = Stack.of(this);
		const of = Token.isUnresolved(account) ? "<AWS::AccountId>" : account;
		return `AwsSolutions-IAM5[Resource::arn:${shownPartition(this)}:logs:${region}:${of}:log-group:${logGroup}:log-stream:*]`;
	}
}

const variantOf = (endpoint: OwnEndpoint) =>
	endpoint.kind === "serverless"
		? {
				variantName: "all",
				initialVariantWeight: 1,
				serverlessConfig: { memorySizeInMb: endpoint.memoryMb, maxConcurrency: endpoint.maxConcurrency },
			}
		: { variantName: "all", initialVariantWeight: 1, instanceType: endpoint.instanceType, initialInstanceCount: endpoint.instances };
