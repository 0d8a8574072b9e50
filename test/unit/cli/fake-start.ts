/** `start` over a fake edge instead of a cloud, as a process of its own: arguments are the flags as JSON, the file that keeps the edge's items, and how many moves never end. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { start } from "#cli/start.ts";
import { parseStartOptions } from "#cli/start-options.ts";
import { FakeEdge } from "#test/unit/local/workload/fake-edge.ts";

const [flags = "{}", itemsFile = "", endlessMoves = "0"] = process.argv.slice(2);

process.exit(
	await start(parseStartOptions(JSON.parse(flags)), async (options) => {
		mkdirSync(options.dataDir, { recursive: true });
		const edge = new FakeEdge(options.startMs, options.speed);
		if (existsSync(itemsFile)) for (const [url, body] of JSON.parse(readFileSync(itemsFile, "utf8"))) edge.items.set(url, body);
		edge.running = [Number(endlessMoves)];
		// What an engine would keep on disk before it acknowledges.
		edge.onStored = () => {
			writeFileSync(`${itemsFile}.tmp`, JSON.stringify([...edge.items]));
			renameSync(`${itemsFile}.tmp`, itemsFile);
		};
		const cloud = await edge.start();
		return cloud;
	}),
);
