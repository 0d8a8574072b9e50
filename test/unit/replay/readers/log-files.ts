import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { type AccessLogOptions, readAccessLog } from "#replay/readers/access-log.ts";
import type { AccessRow } from "#replay/readers/access-row.ts";
import { SkipReason } from "#replay/readers/skips.ts";
import type { LocateViewer } from "#replay/readers/viewer.ts";

const folder = mkdtempSync(join(tmpdir(), "heliotrope-log-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

/** Writes a file that is removed after the tests; its path. */
export function logFile(content: string | Buffer): string {
	files += 1;
	const file = join(folder, `${files}.csv`);
	writeFileSync(file, content);
	return file;
}

/** A stand-in for the geography of the domain: says what it was asked. */
export const plainLocate: LocateViewer = (viewer) => {
	if (viewer.kind === "country") return viewer.country === "JP" ? regionId("ap-northeast-1") : SkipReason.UnknownCountry;
	if (viewer.kind === "tz") return viewer.tzOffsetMin === 0 ? SkipReason.AmbiguousTz : regionId("eu-west-1");
	return viewer.kind === "region" ? regionId(viewer.region) : regionId("us-east-1");
};

/** All rows of a log, and what was skipped. */
export async function readAll(
	file: string,
	options: Partial<AccessLogOptions> = {},
): Promise<{ rows: AccessRow[]; skipped: Record<string, number> }> {
	const { batches, skipped } = readAccessLog({ file, locate: plainLocate, ...options });
	const rows: AccessRow[] = [];
	for await (const batch of batches) rows.push(...batch);
	return { rows, skipped: skipped.toJSON() };
}
