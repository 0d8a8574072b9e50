import { parsePartitionFrom } from "#cli/parse-values.ts";
import { createLocator } from "#domain/geography/locate.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { AccessLogOptions } from "#replay/readers/access-log.ts";

/** Which log a command reads, as its flags say. Plain values: they can be handed to another thread. */
export interface NamedLog {
	/** Paths of files or folders; several are one log. */
	readonly file: AccessLogOptions["file"];
	readonly regions: readonly RegionId[];
	/** Milliseconds since the Unix epoch, inclusive and exclusive. */
	readonly fromMs: number | undefined;
	readonly toMs: number | undefined;
	/** As given with `--partition-from`. */
	readonly partitionFrom: string | undefined;
}

/** The same for the readers. @throws UsageError */
export function accessLogOf({ file, regions, fromMs, toMs, partitionFrom }: NamedLog): AccessLogOptions {
	const rule = parsePartitionFrom(partitionFrom);
	return {
		file,
		locate: createLocator(regions),
		...(fromMs === undefined ? {} : { fromMs }),
		...(toMs === undefined ? {} : { toMs }),
		...(rule === undefined ? {} : { partitionRule: rule }),
	};
}
