import type { Logger } from "@aws-lambda-powertools/logger";

/** Takes one structured line: `event` or `code` says what it is about, `level` how bad it is (`info` where nothing is said). */
export type LogLine = (line: Readonly<Record<string, unknown>>) => void;

const LEVELS = ["debug", "info", "warn", "error"] as const;
type Level = (typeof LEVELS)[number];

/**
 * Lines through the structured logger. Its own keys stay its own: what a line calls `message` is written as `reason`; `event` and `code` stay at
 * the top, where metric filters look for them.
 */
export const lineLog =
	(logger: Pick<Logger, Level>): LogLine =>
	({ level, message, timestamp, service, ...line }) => {
		const known = LEVELS.find((one) => one === level) ?? "info";
		const moved = { reason: message, at: timestamp, of: service };
		const text = line["event"] ?? line["code"] ?? message ?? "";
		logger[known](String(text), { ...line, ...Object.fromEntries(Object.entries(moved).filter(([, value]) => value !== undefined)) });
	};
