import { renameSync, writeFileSync } from "node:fs";

/** Writes a file; the old one stays until the new one is whole. */
export function writeWhole(file: string, text: string): void {
	writeFileSync(`${file}.partial`, text);
	renameSync(`${file}.partial`, file);
}
