import { accessSync, constants, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { UsageError } from "#cli/usage-error.ts";

/** The flags of `simulate` as the command line gives them. */
export interface RawSimulateOptions {
	readonly seeds?: string;
	readonly seed?: string;
	readonly json?: string;
	/** True without a name: all of them. */
	readonly planted?: string | true;
}

/** The flags of `simulate`, checked. */
export interface SimulateOptions {
	readonly first: number;
	readonly count: number;
	/** One seed, with its timeline. */
	readonly replay: boolean;
	readonly json: string | undefined;
	/** Search for the planted bugs, or for one of them, instead of checking the protocol. */
	readonly planted: string | true | undefined;
}

/** As many as the tests run. */
const DEFAULT_SEEDS = 2_000;
const MAX_SEEDS = 1_000_000_000;

/** Checks the flags of `simulate`. @throws UsageError */
export function parseSimulateOptions(raw: RawSimulateOptions): SimulateOptions {
	const first = whole("--seed", raw.seed, 0) ?? 1;
	const replay = raw.seed !== undefined && raw.seeds === undefined;
	const count = replay ? 1 : (whole("--seeds", raw.seeds, 1) ?? DEFAULT_SEEDS);
	if (raw.planted === true && raw.seed !== undefined)
		throw new UsageError("--planted searches from seed 1; give a bug's name with it to replay one --seed");
	if (raw.planted !== undefined && raw.json !== undefined)
		throw new UsageError("--json tells of a check of the protocol; leave it or --planted out");
	return { first, count, replay, json: writable(raw.json), planted: raw.planted };
}

function whole(flag: string, text: string | undefined, least: number): number | undefined {
	if (text === undefined) return undefined;
	const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
	if (!(value >= least && value <= MAX_SEEDS)) {
		throw new UsageError(`${flag} takes a whole number from ${least} to ${MAX_SEEDS}, not ${JSON.stringify(text.slice(0, 80))}`);
	}
	return value;
}

function writable(file: string | undefined): string | undefined {
	if (file === undefined) return undefined;
	const path = resolve(file);
	if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
		throw new UsageError(`--json ${JSON.stringify(file)} is a directory; give a file`);
	try {
		accessSync(dirname(path), constants.W_OK);
	} catch {
		throw new UsageError(`--json ${JSON.stringify(file)}: ${dirname(path)} is not a directory that can be written to`);
	}
	return path;
}
