// Runs the engines of two regions on the directory in argv until it is killed; prints `ready` and the pids of the engines.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { regionId } from "#domain/geography/region-id.ts";
import { startEngines } from "#local/engines/engines.ts";
import { openDurableState } from "#local/state/durable-state.ts";

const dataDir = process.argv[2] ?? "";
const regions = ["us-east-1", "eu-west-1"].map(regionId);
const state = openDurableState(dataDir);
const engines = await startEngines({ regions, controlRegion: regions[0] ?? regionId(""), stage: "test", dataDir, log: () => {} });
for (let n = 0; n < 100; n += 1) state.space<number>("numbers").set(`n${n}`, n);
const pids = readdirSync(join(dataDir, "pids"))
	.filter((name) => name.startsWith("engine-"))
	.map((name) => (JSON.parse(readFileSync(join(dataDir, "pids", name), "utf8")) as { pid: number }).pid);
process.stdout.write(`ready ${JSON.stringify({ pids, endpoint: engines.endpointOf(regions[0] ?? regionId("")) })}\n`);
setInterval(() => {}, 60_000);
