import { readFileSync } from "node:fs";
import type { RegionId } from "#domain/geography/region-id.ts";
import { FUNCTIONS, functionName } from "#infra/description/functions.ts";
import { functionSubstitution, STATE_MACHINES, stateMachineName } from "#infra/description/state-machines.ts";

const ACCOUNT = "000000000000";

/** The ARN of a state machine of the local cloud. */
export const stateMachineArn = (region: RegionId, stage: string, name: string): string =>
	`arn:aws:states:${region}:${ACCOUNT}:stateMachine:${stateMachineName(stage, name)}`;

/** The ARN of a function of the local cloud. */
export const functionArn = (region: RegionId, stage: string, name: string): string =>
	`arn:aws:lambda:${region}:${ACCOUNT}:function:${functionName(stage, name)}`;

/** Every state machine's definition by name, from the same ASL files and substitutions as the deployment's. */
export function loadDefinitions(controlRegion: RegionId, stage: string): Readonly<Record<string, unknown>> {
	const substitutions = new Map(FUNCTIONS.map((fn) => [functionSubstitution(fn.name), functionArn(controlRegion, stage, fn.name)]));
	return Object.fromEntries(
		STATE_MACHINES.map(({ name, definition }) => [name, JSON.parse(substitute(definition, substitutions)) as unknown]),
	);
}

function substitute(file: string, substitutions: ReadonlyMap<string, string>): string {
	const text = readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
	return text.replaceAll(/\$\{(\w+)\}/g, (_, key: string) => {
		const value = substitutions.get(key);
		if (value === undefined) throw new Error(`${file}: \${${key}} names no function`);
		return value;
	});
}

/** The function's short name in an ARN of `functionArn`. */
export const functionOfArn = (arn: string, stage: string): string =>
	arn.slice(arn.lastIndexOf(":") + 1).replace(functionName(stage, ""), "");
