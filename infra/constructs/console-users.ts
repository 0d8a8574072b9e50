import { createHash } from "node:crypto";
import { Duration, Stack } from "aws-cdk-lib";
import {
	AccountRecovery,
	CfnUserPoolUser,
	FeaturePlan,
	ManagedLoginVersion,
	Mfa,
	OAuthScope,
	StandardThreatProtectionMode,
	UserPool,
	type UserPoolClient,
} from "aws-cdk-lib/aws-cognito";
import { Construct } from "constructs";
import { acknowledge } from "#infra/constructs/acknowledge.ts";
import { keptIf } from "#infra/constructs/kept.ts";
import type { Settings } from "#infra/settings.ts";

export interface ConsoleUsersProps {
	readonly settings: Settings;
	/** Addresses that get an account, by an invitation. */
	readonly operators: readonly string[];
}

/** Who may look at the console: accounts that operators make, with a second factor, and Cognito's page to sign in at. */
export class ConsoleUsers extends Construct {
	readonly pool: UserPool;
	/** Origin of the sign-in page, where codes become tokens. */
	readonly signInUrl: string;
	/** The issuer of tokens, which describes itself there. */
	readonly authority: string;

	constructor(scope: Construct, id: string, { settings, operators }: ConsoleUsersProps) {
		super(scope, id);
		const { stage, controlRegion, protectData } = settings;
		const { account } = Stack.of(this);
		this.pool = new UserPool(this, "Pool", {
			userPoolName: `heliotrope-${stage}-console`,
			selfSignUpEnabled: false,
			signInAliases: { email: true },
			accountRecovery: AccountRecovery.EMAIL_ONLY,
			mfa: Mfa.REQUIRED,
			mfaSecondFactor: { sms: false, otp: true },
			passwordPolicy: { minLength: 12, requireDigits: true, requireLowercase: true, requireUppercase: true, requireSymbols: true },
			featurePlan: FeaturePlan.PLUS,
			standardThreatProtectionMode: StandardThreatProtectionMode.FULL_FUNCTION,
			deletionProtection: protectData,
			removalPolicy: keptIf(protectData),
		});
		const domain = this.pool.addDomain("Domain", {
			cognitoDomain: { domainPrefix: `heliotrope-${stage}-${account}` },
			managedLoginVersion: ManagedLoginVersion.CLASSIC_HOSTED_UI,
		});
		this.signInUrl = domain.baseUrl();
		this.authority = `https://cognito-idp.${controlRegion}.${Stack.of(this).urlSuffix}/${this.pool.userPoolId}`;
		for (const email of operators) {
			new CfnUserPoolUser(this, `Operator${digestOf(email)}`, {
				userPoolId: this.pool.userPoolId,
				username: email,
				userAttributes: [
					{ name: "email", value: email },
					{ name: "email_verified", value: "true" },
				],
				desiredDeliveryMediums: ["EMAIL"],
			});
		}
	}

	/** The page as a client: it keeps no secret, so codes are bound to it by PKCE. @param pageUrl where sign-in leads back to */
	clientFor(pageUrl: string): UserPoolClient {
		const client = this.pool.addClient("Page", {
			generateSecret: false,
			preventUserExistenceErrors: true,
			authFlows: {},
			oAuth: { flows: { authorizationCodeGrant: true }, scopes: [OAuthScope.OPENID], callbackUrls: [pageUrl], logoutUrls: [pageUrl] },
			accessTokenValidity: Duration.minutes(30),
			idTokenValidity: Duration.minutes(30),
			refreshTokenValidity: Duration.hours(12),
			enableTokenRevocation: true,
		});
		acknowledge(client, "AwsSolutions-COG4", "The one route has an authorizer of this pool.");
		return client;
	}
}

/** An account is the address's, wherever it stands in the settings: CloudFormation would make another one of it under another id, and fail. */
const digestOf = (email: string): string => createHash("sha256").update(email.toLowerCase()).digest("hex").slice(0, 16);
