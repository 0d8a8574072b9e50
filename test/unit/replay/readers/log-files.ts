import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";
import { createLocator } from "#domain/geography/locate.ts";
import { regionId } from "#domain/geography/region-id.ts";
import { type AccessLogOptions, readAccessLog } from "#replay/readers/access-log.ts";
import type { AccessRow } from "#replay/readers/access-row.ts";

/** Files in a folder that is removed after the tests of the file that asks for it. */
export function logFiles(): {
	/** Writes a file; its path. */
	logFile(content: string | Buffer): string;
	/** Writes a folder of files; its path. */
	logFolder(contents: Readonly<Record<string, string | Buffer>>): string;
} {
	const folder = mkdtempSync(join(tmpdir(), "heliotrope-log-"));
	afterAll(() => rmSync(folder, { recursive: true, force: true }));
	let files = 0;
	return {
		logFile(content) {
			files += 1;
			const file = join(folder, `${files}.csv`);
			writeFileSync(file, content);
			return file;
		},
		logFolder(contents) {
			files += 1;
			const path = join(folder, `folder-${files}`);
			mkdirSync(path);
			for (const [name, content] of Object.entries(contents)) {
				mkdirSync(dirname(join(path, name)), { recursive: true });
				writeFileSync(join(path, name), content);
			}
			return path;
		},
	};
}

/** Nine regions over the world. */
export const locate = createLocator(
	[
		"us-west-2",
		"us-east-1",
		"sa-east-1",
		"eu-west-1",
		"eu-central-1",
		"ap-south-1",
		"ap-southeast-1",
		"ap-northeast-1",
		"ap-southeast-2",
	].map(regionId),
);

/** All rows of a log, and what was skipped. */
export async function readAll(
	file: AccessLogOptions["file"],
	options: Partial<AccessLogOptions> = {},
): Promise<{ rows: AccessRow[]; skipped: Record<string, number>; ignored: readonly string[] }> {
	const { batches, skipped, ignored } = readAccessLog({ file, locate, ...options });
	const rows: AccessRow[] = [];
	for await (const batch of batches) rows.push(...batch);
	return { rows, skipped: skipped.toJSON(), ignored };
}
