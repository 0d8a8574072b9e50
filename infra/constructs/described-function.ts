import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Runtime } from "aws-cdk-lib/aws-lambda";
import { LogLevel, NodejsFunction, OutputFormat } from "aws-cdk-lib/aws-lambda-nodejs";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import { describeDeployment } from "#infra/constructs/described-deployment.ts";
import { grantPermissions } from "#infra/constructs/grant-permissions.ts";
import { environmentFor } from "#infra/description/deployment.ts";
import { type FunctionDescription, functionName } from "#infra/description/functions.ts";
import type { Settings } from "#infra/settings.ts";

/** Dependencies that are CommonJS ask for `require`, which an ES module bundle does not have. */
const REQUIRE_BANNER = "import { createRequire as createRequireOf } from 'node:module'; const require = createRequireOf(import.meta.url);";

export interface DescribedFunctionProps {
	readonly settings: Settings;
	readonly description: FunctionDescription;
}

/** One function of infra/description/functions.ts: bundled by esbuild, with a role of its own that may do what permissions.ts says. */
export class DescribedFunction extends Construct {
	readonly lambda: NodejsFunction;
	readonly role: Role;

	constructor(scope: Construct, id: string, props: DescribedFunctionProps) {
		super(scope, id);
		const { settings, description } = props;
		const name = functionName(settings.stage, description.name);
		const logGroup = new LogGroup(this, "Logs", {
			logGroupName: `/aws/lambda/${name}`,
			retention: RetentionDays.ONE_MONTH,
			removalPolicy: RemovalPolicy.DESTROY,
		});
		this.role = new Role(this, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
		logGroup.grantWrite(this.role);
		grantPermissions(this.role, settings, description.name, this.#region(settings));
		this.lambda = new NodejsFunction(this, "Function", {
			functionName: name,
			entry: description.entry,
			handler: description.handler,
			runtime: Runtime.NODEJS_24_X,
			timeout: Duration.seconds(description.timeoutSeconds),
			memorySize: description.memoryMb,
			environment: environmentFor(describeDeployment(this, settings), description.environment),
			role: this.role,
			logGroup,
			depsLockFilePath: "package-lock.json",
			awsSdkConnectionReuse: false,
			bundling: {
				format: OutputFormat.ESM,
				banner: REQUIRE_BANNER,
				bundleAwsSDK: true,
				// Not minified: a stack trace in the logs has to be readable, and error names reach ASL.
				keepNames: true,
				logLevel: LogLevel.WARNING,
			},
		});
	}

	/** Lets another principal run the function, and nothing but the function. */
	grantInvoke(role: Role): void {
		role.addToPolicy(new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [this.lambda.functionArn] }));
	}

	#region(settings: Settings): RegionId {
		const { region } = Stack.of(this);
		return settings.regions.find((candidate) => candidate === region) ?? regionId(region);
	}
}
