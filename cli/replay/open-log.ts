import { accessLogOf } from "#cli/access-log-of.ts";
import type { LogOptions } from "#cli/replay/log-options.ts";
import { type AccessLogPass, nameOfLog, readAccessLog } from "#replay/readers/access-log.ts";
import { assertUsable } from "#replay/readers/assert-usable.ts";
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
		assertUsable(name, rows, pass.skipped);
		watch.check();
		return [...pass.ignored.map((file) => `passed over ${file}`), ...watch.warnings()];
	};
	return { name, pass: { ...pass, batches: watch.over(pass.batches) }, finish };
}
