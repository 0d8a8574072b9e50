import { readFileSync } from "node:fs";
import { quote } from "#cli/parse-values.ts";
import { UsageError } from "#cli/usage-error.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import { type RecordedEvent, recordedEventSchema } from "#domain/prediction/external/event.ts";
import type { OutsideSources } from "#predictor/external/outside.ts";

/** The flags as the command line gives them. */
export interface RawOutsideOptions {
	readonly events?: string;
	/** False with `--no-holidays`. */
	readonly holidays?: boolean;
}

export const EVENTS_HELP =
	"events that forecasts are told of: a JSON list, each as the admin API takes it, with declaredAt if not known before";
export const NO_HOLIDAYS_HELP = "let public holidays change no forecast (default: as they were seen to change accesses before)";

/** Checks the flags that say what forecasts know from outside. @param regions that are forecast @throws UsageError */
export const parseOutsideOptions = ({ events, holidays }: RawOutsideOptions, regions: readonly RegionId[]): OutsideSources => ({
	events: events === undefined ? [] : readEventsFile(events, regions),
	holidays: holidays ?? true,
});

/** A JSON list of events, or `{"events": […]}` as `events list --json` prints it. */
function readEventsFile(file: string, regions: readonly RegionId[]): readonly RecordedEvent[] {
	const fail = (text: string): never => {
		throw new UsageError(`--events ${quote(file)}: ${text}`);
	};
	const json = parseJson(file, fail);
	const entries: unknown = Array.isArray(json) ? json : isObject(json) ? json.events : undefined;
	if (!Array.isArray(entries)) return fail('expected a list of events, [{"name": …, "start": …, "end": …, "lift": …}, …]');
	return entries.map((entry: unknown, index) => {
		const name = isObject(entry) && typeof entry.name === "string" ? ` (${quote(entry.name.slice(0, 80))})` : "";
		const where = `entry ${index + 1}${name}`;
		const { data, error } = recordedEventSchema.safeParse(entry);
		if (data === undefined) {
			const issue = error?.issues[0];
			return fail(`${where}: ${[issue?.path.join("."), issue?.message].filter((part) => part !== undefined && part !== "").join(": ")}`);
		}
		const unknown = Object.keys(data.lift).filter((region) => !(regions as readonly string[]).includes(region));
		if (unknown.length > 0) fail(`${where}: lift: ${unknown.join(", ")} is not among the regions ${regions.join(", ")}`);
		return data;
	});
}

function parseJson(file: string, fail: (text: string) => never): unknown {
	let text: string;
	try {
		text = readFileSync(file, "utf8");
	} catch (error) {
		return fail(`cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"}); give a JSON list of events`);
	}
	try {
		return JSON.parse(text);
	} catch (error) {
		return fail(`is not JSON: ${(error as Error).message}`);
	}
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
