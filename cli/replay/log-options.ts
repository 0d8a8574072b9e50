import { resolve } from "node:path";
import { parsePartitionFrom, parsePeriod, parseRegions, TRACE_REGIONS } from "#cli/parse-values.ts";
import { UsageError } from "#cli/usage-error.ts";
import type { RegionId } from "#domain/geography/region-id.ts";

/** Which log a command works on. Plain values: it is handed to another thread. */
export interface LogOptions {
	/** Absolute paths of files or folders, at least one. */
	readonly files: readonly string[];
	readonly regions: readonly RegionId[];
	readonly fromMs: number | undefined;
	readonly toMs: number | undefined;
	/** As given with `--partition-from`, checked. */
	readonly partitionFrom: string | undefined;
	/** A CSV matrix of measured round-trip times. */
	readonly rttFile: string | undefined;
}

/** The flags as the command line gives them. */
export interface RawLogOptions {
	readonly trace?: readonly string[];
	readonly regions?: string;
	readonly from?: string;
	readonly to?: string;
	readonly partitionFrom?: string;
	readonly rtt?: string;
}

/** Checks the flags that say which log to read. @throws UsageError */
export function parseLogOptions(raw: RawLogOptions): LogOptions {
	if (raw.trace === undefined || raw.trace.length === 0)
		throw new UsageError("give the access log: --trace FILE (or a folder; several are one log)");
	const regions = parseRegions(raw.regions ?? TRACE_REGIONS);
	if (regions.length < 2)
		throw new UsageError("--regions names one region only; with nothing to choose from there is nothing to find out, name two or more");
	parsePartitionFrom(raw.partitionFrom);
	return {
		files: raw.trace.map((file) => resolve(file)),
		regions,
		...parsePeriod(raw),
		partitionFrom: raw.partitionFrom,
		rttFile: raw.rtt === undefined ? undefined : resolve(raw.rtt),
	};
}
