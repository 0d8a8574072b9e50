import { RemovalPolicy, Stack } from "aws-cdk-lib";
import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import { HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpUserPoolAuthorizer } from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import type { UserPool, UserPoolClient } from "aws-cdk-lib/aws-cognito";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { DescribedFunction } from "#infra/constructs/described-function.ts";
import type { Settings } from "#infra/settings.ts";

export interface ConsoleApiProps {
	readonly settings: Settings;
	readonly administer: DescribedFunction;
}

/** Requests a second, and at once: a page asks four every two seconds. */
const THROTTLE = { rateLimit: 50, burstLimit: 100 };

/**
 * A line of the access log. Who it was is the account's `sub`: an access token bears no address.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
 */
const LOGGED = {
	requestId: "$context.requestId",
	time: "$context.requestTime",
	ip: "$context.identity.sourceIp",
	user: "$context.authorizer.claims.sub",
	routeKey: "$context.routeKey",
	method: "$context.httpMethod",
	path: "$context.path",
	protocol: "$context.protocol",
	status: "$context.status",
	responseLength: "$context.responseLength",
	authorizerError: "$context.authorizer.error",
	integrationError: "$context.integrationErrorMessage",
};

/** The admin API for whoever is signed in, for reading: no other method than GET gets through. */
export class ConsoleApi extends Construct {
	/** Host name of the API. */
	readonly domainName: string;
	readonly #api: HttpApi;
	readonly #administer: DescribedFunction;

	constructor(scope: Construct, id: string, { settings, administer }: ConsoleApiProps) {
		super(scope, id);
		this.#administer = administer;
		this.#api = new HttpApi(this, "Api", { apiName: `heliotrope-${settings.stage}-console`, createDefaultStage: false });
		const logGroup = new LogGroup(this, "Logs", { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
		new HttpStage(this, "Stage", {
			httpApi: this.#api,
			stageName: "$default",
			autoDeploy: true,
			throttle: THROTTLE,
			accessLogSettings: { destination: new LogGroupLogDestination(logGroup), format: AccessLogFormat.custom(JSON.stringify(LOGGED)) },
		});
		this.domainName = `${this.#api.apiId}.execute-api.${settings.controlRegion}.${Stack.of(this).urlSuffix}`;
	}

	/** Lets in who has an access token of this client. */
	openTo(pool: UserPool, client: UserPoolClient): void {
		this.#api.addRoutes({
			path: "/admin/v1/{proxy+}",
			methods: [HttpMethod.GET],
			integration: new HttpLambdaIntegration("Administer", this.#administer.lambda),
			authorizer: new HttpUserPoolAuthorizer("SignedIn", pool, { userPoolClients: [client] }),
		});
	}
}
