import { accessLogOf, type NamedLog } from "#cli/access-log-of.ts";
import { formatCount } from "#cli/display/format.ts";
import type { FoundInLog } from "#cli/survey/survey-in-thread.ts";
import { serveJob } from "#cli/thread/serve-job.ts";
import { surveyLog } from "#replay/readers/survey.ts";

const BEAT_MS = 1_000;

serveJob<NamedLog, FoundInLog>(async (log, { onProgress }) => {
	let rows = 0;
	// By time, not by row: of a log that has no usable row for long, the reading is alive all the same.
	const beat = setInterval(() => onProgress(`${formatCount(rows)} usable rows so far`), BEAT_MS);
	try {
		const { skipped, ...found } = await surveyLog(accessLogOf(log), (counted) => {
			rows = counted;
		});
		return { ...found, rowsSkipped: skipped.toJSON() };
	} finally {
		clearInterval(beat);
	}
});
