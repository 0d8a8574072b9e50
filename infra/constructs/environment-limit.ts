import { Tokenization } from "aws-cdk-lib";
import type { EnvironmentKey } from "#infra/description/deployment.ts";
import { SettingsError } from "#infra/settings.ts";

/** Names and values of a function's variables together, in UTF-8. @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const LIMIT_BYTES = 4096;
/** What CloudFormation fills in: an account, a partition, a region. None is longer. */
const TOKEN_BYTES = 32;

/** The settings that may become long, by the variable that bears them. */
const FIELD_OF: Partial<Readonly<Record<EnvironmentKey, string>>> = {
	REGIONS: "regions",
	ACCESS: "access",
	RESIDENCY_RULES: "residency",
	PARTITION_RULE: "routing.rule",
	PLACEMENT: "capacity.copies",
	RESOURCE_TAGS: "tags",
};

/** @throws SettingsError where a function's variables are more than Lambda takes, with the longest setting among them and how much has to go */
export function checkEnvironment(functionName: string, variables: Readonly<Record<string, string>>): void {
	const sizes = Object.entries(variables).map(([name, value]) => ({ name, bytes: Buffer.byteLength(name) + bytesOf(value) }));
	const excess = sizes.reduce((sum, { bytes }) => sum + bytes, 0) - LIMIT_BYTES;
	if (excess <= 0) return;
	const longest = sizes.reduce((most, one) => (one.bytes > most.bytes ? one : most));
	throw new SettingsError(
		`  ${FIELD_OF[longest.name as EnvironmentKey] ?? longest.name}: takes ${longest.bytes} of the ${LIMIT_BYTES} bytes that Lambda leaves to all variables of ${functionName}; ` +
			`it has to be ${excess} bytes less`,
		"settings.too-long",
	);
}

function bytesOf(value: string): number {
	const filledIn = Tokenization.reverseString(value).mapTokens({ mapToken: () => "x".repeat(TOKEN_BYTES) });
	return Buffer.byteLength(String(filledIn.join({ join: (left, right) => `${left ?? ""}${right ?? ""}` })));
}
