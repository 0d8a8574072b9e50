import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { FUNCTIONS, type FunctionDescription } from "#infra/description/functions.ts";
import type { ResourceName } from "#infra/description/statements.ts";
import type { CallCount } from "#local/gateway/call-log.ts";

/** Names a directory in which clouds leave what their functions need: `npm run record-calls` makes the committed record of it. */
const DIRECTORY = "HELIOTROPE_RECORD_CALLS";

export interface Place {
	readonly stage: string;
	readonly controlRegion: string;
}

/** Writes down a call's line, at once, because clouds may be killed. Does nothing where nobody asks. */
export function recorderOf(
	place: Place,
	environment: Readonly<Record<string, string | undefined>>,
): (call: Omit<CallCount, "count">) => void {
	const directory = environment[DIRECTORY];
	if (directory === undefined) return () => {};
	mkdirSync(directory, { recursive: true });
	return ({ caller, from, action, resource, allowed }) => {
		const description = FUNCTIONS.find(({ name }) => name === caller);
		const line = allowed && description !== undefined ? lineOf(description, from, action, resource, place) : undefined;
		if (line !== undefined) appendFileSync(join(directory, `${process.pid}.txt`), `${caller}\t${line}\n`);
	};
}

/**
 * `<action> on <resource> in <where>`, without region and stage. Undefined where the place cannot be told: in the control region a regional
 * function's own region is that.
 */
export function lineOf(
	description: FunctionDescription,
	from: string,
	action: string,
	resource: ResourceName,
	{ stage, controlRegion }: Place,
): string | undefined {
	const [service = "", region = "", ...rest] = resource.split(":");
	const where = whereOf(description, from, region, controlRegion);
	const name = rest
		.join(":")
		.replaceAll(`heliotrope-${stage}-`, "")
		.replace(/^features-\d{12}-[a-z0-9-]+/, "features");
	return where === undefined ? undefined : `${action} on ${service}:${name} in ${where}`;
}

/** Seen from the function; one of the edge runs anywhere. */
function whereOf({ placement }: FunctionDescription, from: string, region: string, controlRegion: string): string | undefined {
	if (region === "" || placement === "edge") return "any";
	if (placement === "every-region" && from === controlRegion) return undefined;
	if (region === controlRegion) return "control";
	return region === from ? "own" : "other";
}
