import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LogFile } from "#cli/log-file.ts";

describe("the log of a run", () => {
	let folder: string;
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "heliotrope-log-file-"));
	});
	afterEach(() => rmSync(folder, { recursive: true, force: true }));

	it("takes lines and errors, and makes its folder where there is none", () => {
		const log = new LogFile(join(folder, "data"));
		log.write("first");
		log.writeError(new RangeError("second"));
		expect(readFileSync(log.path, "utf8")).toMatch(/^\S+Z first\n\S+Z RangeError: second\n/);
	});

	it("drops what comes after its end: a folder that was removed is not made again", () => {
		const data = join(folder, "data");
		const log = new LogFile(data);
		log.write("a line");
		log.end();
		rmSync(data, { recursive: true });
		log.write("a late line");
		log.writeError(new Error("a late error"));
		expect(existsSync(data)).toBe(false);
	});

	it("never throws", () => {
		writeFileSync(join(folder, "a-file"), "");
		expect(() => new LogFile(join(folder, "a-file", "data")).write("a line")).not.toThrow();
	});
});
