import { OperatingError } from "#domain/shared/errors.ts";
import type { Trace } from "#replay/engine/trace.ts";

/** Accesses and days below which halves of a log say nothing. */
const LEAST_ACCESSES = 200;
const LEAST_DAYS = 14;
const HOURS_PER_DAY = 24;

/** @throws OperatingError `replay.too-short`, `replay.one-region`: what is wrong with the log and what would be right */
export function assertReplayable({ cells, volume }: Trace): void {
	const days = ((cells.hour.at(-1) ?? 0) + 1 - (cells.hour[0] ?? 0)) / HOURS_PER_DAY;
	if (days < LEAST_DAYS || volume < LEAST_ACCESSES) {
		throw refused(
			"replay.too-short",
			`the log holds ${volume} accesses of ${days.toFixed(1)} days; one half trains, the other is scored: give at least ${LEAST_ACCESSES} of ${LEAST_DAYS} days`,
		);
	}
	if (new Set(cells.region).size < 2)
		throw refused("replay.one-region", "all accesses come from one region: there is nothing to place; give a log of viewers in several");
}

const refused = (code: string, message: string): OperatingError => new OperatingError(message, { code, retryable: false });
