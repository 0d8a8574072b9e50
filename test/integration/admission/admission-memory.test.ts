import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";

interface Measured {
	readonly countedBytes: number;
	readonly grownBytes: number;
}

const KIB = 1024;
/** By shape of request: bytes that eight of them hold at the least, so that a process which held nothing would show. */
const SHAPES: readonly (readonly [shape: string, atLeastBytes: number])[] = [
	["small PUT", 0],
	["large PUT", 8 * 256 * KIB],
	["large GET", 8 * 256 * KIB],
	["list", 8 * 2048 * KIB],
	["batch of large PUTs", 8 * 4000 * KIB],
	["batch of small PUTs", 0],
];

describe("what admission counts", () => {
	let measured: Readonly<Record<string, Measured>>;
	beforeAll(async () => {
		const program = fileURLToPath(new URL("hold-requests.ts", import.meta.url));
		const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", program]);
		measured = JSON.parse(stdout);
	}, 180_000);

	it.each(SHAPES)("is at least what the process grows by while requests are under way: %s", (shape, atLeastBytes) => {
		const { countedBytes = 0, grownBytes = 0 } = measured[shape] ?? {};
		expect(grownBytes).toBeGreaterThan(atLeastBytes);
		expect(countedBytes).toBeGreaterThanOrEqual(grownBytes);
	});
});
