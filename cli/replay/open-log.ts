import { accessLogOf } from "#cli/access-log-of.ts";
import type { LogOptions } from "#cli/replay/log-options.ts";
import { type AccessLogPass, nameOfLog, readAccessLog } from "#replay/readers/access-log.ts";
import { LogError } from "#replay/readers/log-error.ts";
import { LogWatch } from "#replay/readers/log-watch.ts";

/** A log that is looked at while it is read. */
export interface OpenLog {
	readonly name: string;
	readonly pass: AccessLogPass;
	/** To be called when the pass has ended; warnings, a line each. @throws LogError where the log cannot be used */
	readonly finish: (rows: number) => readonly string[];
}

/** Opens a log as the flags say. */
export function openLog({ files, ...log }: LogOptions, nowMs: number): OpenLog {
	const name = nameOfLog(files);
	const pass = readAccessLog(accessLogOf({ file: files, ...log }));
	const watch = new LogWatch(name, nowMs);
	const finish = (rows: number): readonly string[] => {
		if (rows === 0) throw noRow(name, pass);
		watch.check();
		return [...pass.ignored.map((file) => `passed over ${file}`), ...watch.warnings()];
	};
	return { name, pass: { ...pass, batches: watch.over(pass.batches) }, finish };
}

const noRow = (name: string, { skipped }: AccessLogPass): LogError =>
	new LogError(
		"log.no-usable-row",
		name,
		skipped.total === 0 ? "holds no row" : `has no usable row: all ${skipped.total} were skipped (${skipped.describe()})`,
	);
