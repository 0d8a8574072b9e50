import { existsSync, mkdtempSync, rmdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { UsageError } from "#cli/usage-error.ts";
import { isRegionId, type RegionId } from "#domain/geography/region-id.ts";
import { findRegion, REGIONS } from "#domain/geography/regions.ts";
import { parseTime } from "#replay/readers/parse-time.ts";
import { type PartitionRule, parsePartitionRule } from "#replay/readers/rows/partition-rule.ts";

/** The nine regions over which forecasts were measured. */
export const TRACE_REGIONS = "us-west-2,us-east-1,sa-east-1,eu-west-1,eu-central-1,ap-south-1,ap-southeast-1,ap-northeast-1,ap-southeast-2";

/** `--from` (inclusive) and `--to` (exclusive), ms since the Unix epoch. @throws UsageError */
export function parsePeriod({ from, to }: { readonly from?: string; readonly to?: string }) {
	const fromMs = parseMoment("--from", from);
	const toMs = parseMoment("--to", to);
	if (fromMs !== undefined && toMs !== undefined && fromMs >= toMs) throw new UsageError(`--from ${from} must be before --to ${to}`);
	return { fromMs, toMs };
}

/** Milliseconds since the Unix epoch. */
function parseMoment(flag: string, text: string | undefined): number | undefined {
	if (text === undefined) return undefined;
	const ms = parseTime(text);
	if (ms === undefined) throw new UsageError(`${flag} takes a date or time such as 2023-01-01 or 2023-01-01T12:00:00Z, not ${quote(text)}`);
	return ms;
}

/** A whole number from 0 to `most`. @throws UsageError */
export function parseWhole(flag: string, text: string, most: number, hint: string): number {
	const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
	if (!(value <= most)) throw new UsageError(`${flag} takes a whole number from 0 to ${most} (${hint}), not ${quote(text)}`);
	return value;
}

/** A number within bounds, both inclusive. @throws UsageError */
export function parseNumber(flag: string, text: string, least: number, most: number, hint: string): number {
	const value = /^\d+(\.\d+)?$|^\.\d+$/.test(text) ? Number(text) : Number.NaN;
	if (!(value >= least && value <= most))
		throw new UsageError(`${flag} takes a number from ${least} to ${most} (${hint}), not ${quote(text)}`);
	return value;
}

/** A file that can be written, checked before any work is done; undefined where none was asked for. @throws UsageError */
export function parseOutFile(flag: string, file: string | undefined): string | undefined {
	if (file === undefined) return undefined;
	const path = resolve(file);
	assertWritable(dirname(path), `${flag} ${quote(file)}`);
	if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new UsageError(`${flag} ${quote(file)} is a directory; give a file`);
	return path;
}

/** A directory that can be made and written to, checked before any work is done; it need not be there. @throws UsageError */
export function parseOutDirectory(flag: string, dir: string): string {
	const path = resolve(dir);
	let existing = path;
	while (!existsSync(existing)) existing = dirname(existing);
	assertWritable(existing, `${flag} ${quote(dir)}`);
	return path;
}

/** Tries it: what is there may be no directory, and in some (/proc) nobody makes a file, whatever their mode says. */
function assertWritable(dir: string, given: string): void {
	try {
		rmdirSync(mkdtempSync(join(dir, ".heliotrope-")));
	} catch {
		throw new UsageError(`${given}: ${dir} is not a directory that can be written to`);
	}
}

/** Where the requests of a log name their partition. @throws UsageError */
export function parsePartitionFrom(text: string | undefined): PartitionRule | undefined {
	if (text === undefined) return undefined;
	try {
		return parsePartitionRule(text);
	} catch (error) {
		if (error instanceof RangeError) throw new UsageError(`--partition-from ${error.message}`);
		throw error;
	}
}

/** Region codes of the catalogue, comma-separated. @throws UsageError */
export function parseRegions(text: string): readonly RegionId[] {
	const names = text.split(",").map((name) => name.trim());
	for (const [index, name] of names.entries()) {
		if (!isRegionId(name) || findRegion(name) === undefined) {
			throw new UsageError(`--regions: ${quote(name)} is not a known AWS region; known are ${REGIONS.map(({ id }) => id).join(", ")}`);
		}
		if (names.indexOf(name) !== index) throw new UsageError(`--regions names ${name} twice`);
	}
	return names as RegionId[];
}

/** What a user typed, for a message: short and on one line. */
export const quote = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);
