import { styleText } from "node:util";
import { formatBar, formatCount, formatDuration, formatMs, formatShare, formatTime } from "#cli/display/format.ts";
import type { Snapshot } from "#cli/display/snapshot.ts";

/** How a terminal shows things. */
export interface Terminal {
	/** Columns. */
	readonly width: number;
	readonly colour: boolean;
}

type Style = Parameters<typeof styleText>[0];

/** The live view, a line an element, none wider than the terminal. Pure. */
export function renderLive(snapshot: Snapshot, terminal: Terminal): readonly string[] {
	const paint = (style: Style, text: string): string => (terminal.colour ? styleText(style, text, { validateStream: false }) : text);
	const lines: [Style, string][] = [
		["bold", `${formatTime(snapshot.nowMs)}   ${snapshot.activity}   ${speedOf(snapshot)}`],
		["cyan", progressOf(snapshot, terminal.width)],
		["reset", trafficOf(snapshot)],
		["green", savingOf(snapshot)],
		["reset", movesOf(snapshot)],
		...snapshot.moves.map((move): [Style, string] => ["dim", `  ${move}`]),
	];
	return lines.filter(([, text]) => text !== "").map(([style, text]) => paint(style, cut(text, terminal.width)));
}

/** One line of progress for a log file or a pipe. Pure. */
export function renderProgress(snapshot: Snapshot): string {
	const parts = [
		formatTime(snapshot.nowMs),
		snapshot.activity,
		rowsOf(snapshot),
		trafficOf(snapshot),
		savingOf(snapshot),
		movesOf(snapshot),
	];
	return parts.filter((part) => part !== "").join(" | ");
}

const speedOf = ({ speed }: Snapshot): string => (Number.isFinite(speed) ? `speed ${formatCount(speed)}` : "as fast as it goes");

const shareDone = ({ rows, totalRows }: Snapshot): number | undefined =>
	totalRows === undefined ? undefined : rows / Math.max(totalRows, 1);

function progressOf(snapshot: Snapshot, width: number): string {
	const share = shareDone(snapshot);
	if (share === undefined) return rowsOf(snapshot);
	return `${formatBar(share, Math.min(40, Math.max(10, width - 60)))} ${rowsOf(snapshot)}`;
}

function rowsOf(snapshot: Snapshot): string {
	const share = shareDone(snapshot);
	if (share === undefined) return `${formatCount(snapshot.rows)} accesses`;
	const eta = snapshot.etaSeconds === undefined || share >= 1 ? "" : `, ${formatDuration(snapshot.etaSeconds)} left`;
	return `${formatCount(snapshot.rows)} of ${formatCount(snapshot.totalRows ?? 0)} rows (${formatShare(share)}${eta})`;
}

function trafficOf({ requestsPerSecond, errors, retries }: Snapshot): string {
	return `${requestsPerSecond.toFixed(0)} requests/s, ${formatCount(errors)} errors, ${formatCount(retries)} retries`;
}

function savingOf({ measures }: Snapshot): string {
	const { meanRttMs, staticMeanRttMs, servedNear } = measures;
	if (meanRttMs === null || staticMeanRttMs === null) return "";
	const change = staticMeanRttMs === 0 ? 0 : meanRttMs / staticMeanRttMs - 1;
	const sign = change > 0 ? "+" : "";
	const against = `static placement ${formatMs(staticMeanRttMs)} (${sign}${formatShare(change)})`;
	return `${formatShare(servedNear)} served near, mean round trip ${formatMs(meanRttMs)}, ${against}`;
}

function movesOf({ summary }: Snapshot): string {
	if (summary === undefined) return "";
	const { running, completed, cancelled, rolledBack, failed } = summary.migrations;
	const begun = running + completed + cancelled + rolledBack + failed;
	const other = [[cancelled, "cancelled"] as const, [rolledBack, "rolled back"] as const, [failed, "failed"] as const];
	const rest = other.filter(([n]) => n > 0).map(([n, word]) => `, ${formatCount(n)} ${word}`);
	return `moves: ${formatCount(begun)} begun, ${formatCount(completed)} done${rest.join("")}; ${formatCount(summary.decisions)} decisions`;
}

const cut = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, Math.max(width - 1, 0))}…`);
