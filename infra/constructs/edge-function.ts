import { ArnFormat, Duration, RemovalPolicy, Stack, Token } from "aws-cdk-lib";
import { CompositePrincipal, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Function as LambdaFunction, Runtime, type Version } from "aws-cdk-lib/aws-lambda";
import { USE_CDK_MANAGED_LAMBDA_LOGGROUP } from "aws-cdk-lib/cx-api";
import { Construct } from "constructs";
import { acknowledge } from "#infra/constructs/acknowledge.ts";
import { shownPartition } from "#infra/constructs/arns.ts";
import { codeOf } from "#infra/constructs/bundle.ts";
import { describeDeployment } from "#infra/constructs/described-deployment.ts";
import { grantPermissions } from "#infra/constructs/grant-permissions.ts";
import { KEPT } from "#infra/constructs/kept.ts";
import { EDGE_DISTRIBUTION, edgeConfigOf } from "#infra/description/edge.ts";
import { type FunctionDescription, functionName } from "#infra/description/functions.ts";
import type { Settings } from "#infra/settings.ts";

export interface EdgeFunctionProps {
	readonly settings: Settings;
	readonly description: FunctionDescription;
}

/**
 * One function of the description at CloudFront's edge: no environment, its configuration is baked into the bundle. It is kept when its stack
 * goes, and its versions when they are replaced: replicas live on for hours, and Lambda refuses to delete what has some.
 */
export class EdgeFunction extends Construct {
	readonly version: Version;
	readonly role: Role;

	constructor(scope: Construct, id: string, props: EdgeFunctionProps) {
		super(scope, id);
		const { settings, description } = props;
		const name = functionName(settings.stage, description.name);
		// Replicas log where they run, in groups of their own: the library's would stay empty, and stay
		this.node.setContext(USE_CDK_MANAGED_LAMBDA_LOGGROUP, false);
		this.role = new Role(this, "Role", {
			assumedBy: new CompositePrincipal(new ServicePrincipal("lambda.amazonaws.com"), new ServicePrincipal("edgelambda.amazonaws.com")),
		});
		grantPermissions(this.role, settings, description.name, settings.controlRegion);
		this.#grantLogs(name);
		const config = edgeConfigOf(describeDeployment(this, settings));
		const { mainFields, minify } = EDGE_DISTRIBUTION.bundling;
		const lambda = new LambdaFunction(this, "Function", {
			functionName: name,
			code: codeOf(this, description.entry, {
				define: { __HELIOTROPE_EDGE_CONFIG__: JSON.stringify(config) },
				mainFields: [...mainFields],
				minify,
			}),
			handler: `index.${description.handler}`,
			runtime: Runtime.NODEJS_24_X,
			timeout: Duration.seconds(description.timeoutSeconds),
			memorySize: description.memoryMb,
			role: this.role,
			currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
		});
		lambda.applyRemovalPolicy(KEPT);
		this.version = lambda.currentVersion;
	}

	/** A replica logs in the region it runs in, under a name that begins with the function's home; the group is made when it first does. */
	#grantLogs(name: string): void {
		const { account } = Stack.of(this);
		const resourceName = `/aws/lambda/us-east-1.${name}:*`;
		const logs = Stack.of(this).formatArn({
			service: "logs",
			region: "*",
			resource: "log-group",
			arnFormat: ArnFormat.COLON_RESOURCE_NAME,
			resourceName,
		});
		this.role.addToPolicy(
			new PolicyStatement({ actions: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], resources: [logs] }),
		);
		const of = Token.isUnresolved(account) ? "<AWS::AccountId>" : account;
		acknowledge(
			this.role,
			`AwsSolutions-IAM5[Resource::arn:${shownPartition(this)}:logs:*:${of}:log-group:${resourceName}]`,
			"CloudFront chooses the regions where replicas run and log; the log group is named.",
		);
	}
}
