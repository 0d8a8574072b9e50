import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Function as LambdaFunction, Runtime, Tracing } from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { RegionId } from "#domain/geography/region-id.ts";
import { acknowledge } from "#infra/constructs/acknowledge.ts";
import { codeOf } from "#infra/constructs/bundle.ts";
import { describeDeployment } from "#infra/constructs/described-deployment.ts";
import { checkEnvironment } from "#infra/constructs/environment-limit.ts";
import { grantPermissions } from "#infra/constructs/grant-permissions.ts";
import { environmentFor } from "#infra/description/deployment.ts";
import { type FunctionDescription, functionName } from "#infra/description/functions.ts";
import type { Settings } from "#infra/settings.ts";

export interface DescribedFunctionProps {
	readonly settings: Settings;
	readonly description: FunctionDescription;
	/** The region of the stack. */
	readonly region: RegionId;
}

/** The one function whose concurrency the settings may limit: what it does not take, others of the account cannot lose. */
const LIMITED = "serve-data";

/** One function of infra/description/functions.ts: bundled by esbuild, with a role of its own that may do what permissions.ts says. */
export class DescribedFunction extends Construct {
	readonly lambda: LambdaFunction;
	readonly role: Role;
	readonly logGroup: LogGroup;

	constructor(scope: Construct, id: string, props: DescribedFunctionProps) {
		super(scope, id);
		const { settings, description } = props;
		const name = functionName(settings.stage, description.name);
		this.logGroup = new LogGroup(this, "Logs", {
			logGroupName: `/aws/lambda/${name}`,
			retention: RetentionDays.ONE_MONTH,
			removalPolicy: RemovalPolicy.DESTROY,
		});
		this.role = new Role(this, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
		this.logGroup.grantWrite(this.role);
		grantPermissions(this.role, settings, description.name, props.region);
		acknowledge(this.role, "AwsSolutions-IAM5[Resource::*]", "X-Ray's actions and dynamodb:ListStreams cannot be narrowed to a resource.");
		const { dataPlaneConcurrency } = settings.capacity;
		const environment = environmentFor(describeDeployment(this, settings), description.environment);
		checkEnvironment(name, environment);
		this.lambda = new LambdaFunction(this, "Function", {
			functionName: name,
			code: codeOf(this, description.entry),
			handler: `index.${description.handler}`,
			runtime: Runtime.NODEJS_24_X,
			timeout: Duration.seconds(description.timeoutSeconds),
			memorySize: description.memoryMb,
			environment,
			role: this.role,
			logGroup: this.logGroup,
			tracing: Tracing.ACTIVE,
			...(description.name === LIMITED && dataPlaneConcurrency !== undefined ? { reservedConcurrentExecutions: dataPlaneConcurrency } : {}),
		});
	}

	/** Lets another principal run the function, and nothing but the function. */
	grantInvoke(role: Role): void {
		role.addToPolicy(new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [this.lambda.functionArn] }));
	}
}
