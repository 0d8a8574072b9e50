import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Samples, Target } from "#bench/benchmark.ts";
import type { LocalBenchSizes } from "#bench/local/sizes.ts";
import { temporaryDirectory, timed } from "#bench/local/stopwatch.ts";
import { regionId } from "#domain/geography/region-id.ts";
import { startEngines } from "#local/engines/engines.ts";
import { prepareDataDirectory } from "#local/state/data-directory.ts";

const CLI = fileURLToPath(new URL("../../cli/heliotrope.mjs", import.meta.url));
const UP = "Heliotrope is up";
/** What `npm start` may take on a laptop with nine regions, in ms. */
const TARGET: Target = { of: "value", is: "at most", limit: 5000 };

/** From the command to the line that says it is up, on an empty data directory, against the engines of the same regions and their tables. */
export async function measureCloudStart(sizes: LocalBenchSizes, say: (line: string) => void): Promise<readonly Samples[]> {
	say(`starts of a cloud of ${sizes.regions.length} regions and of its engines alone`);
	const values: number[] = [];
	const baselineValues: number[] = [];
	for (let round = 0; round < sizes.cloudStarts; round += 1) {
		values.push(await startOnce(sizes.regions));
		baselineValues.push(await startEnginesOnce(sizes.regions));
	}
	const metric = `start of a cloud of ${sizes.regions.length} regions`;
	return [{ metric, unit: "ms", values, baselineOf: "its engines and tables alone", baselineValues, target: TARGET }];
}

async function startOnce(regions: readonly string[]): Promise<number> {
	await using stack = new AsyncDisposableStack();
	const dataDir = temporaryDirectory(stack);
	const args = [CLI, "start", "--idle", "--headless", "--port", "0", "--regions", regions.join(), "--data", dataDir];
	const startedMs = performance.now();
	const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
	stack.defer(async () => {
		if (child.exitCode !== null || child.signalCode !== null) return;
		child.kill("SIGINT");
		await once(child, "exit");
	});
	await saidUp(child);
	return performance.now() - startedMs;
}

function saidUp(child: ChildProcessByStdio<null, null, Readable>): Promise<void> {
	return new Promise((resolve, reject) => {
		let said = "";
		child.stderr.setEncoding("utf8").on("data", (text: string) => {
			said += text;
			if (said.includes(UP)) resolve();
		});
		child.once("exit", () => reject(new Error(`the cloud did not come up: ${said}`)));
	});
}

async function startEnginesOnce(names: readonly string[]): Promise<number> {
	await using stack = new AsyncDisposableStack();
	const regions = names.map(regionId);
	const dataDir = temporaryDirectory(stack);
	prepareDataDirectory(dataDir);
	return await timed(async () => {
		const engines = await startEngines({ regions, controlRegion: regions[0] ?? regionId(""), stage: "bench", dataDir, log: () => {} });
		stack.defer(() => engines.stop());
	});
}
