import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { FaultKind, REGIONS } from "#test/e2e/chaos/options.ts";
import { runChaos } from "#test/e2e/chaos/run.ts";

const { values } = parseArgs({
	options: {
		migrations: { type: "string", default: "200" },
		seed: { type: "string", default: String(Math.floor(Date.now() / 1000) % 100_000) },
		"host-kills": { type: "string", default: "4" },
	},
});
const folder = mkdtempSync(join(tmpdir(), "heliotrope-chaos-"));
const outcome = await runChaos({
	seed: Number(values.seed),
	regions: REGIONS,
	migrations: Number(values.migrations),
	partitions: 24,
	clients: 16,
	hostKills: Number(values["host-kills"]),
	faults: Object.values(FaultKind),
	answersAFault: 120,
	stalledMs: 25_000,
	folder,
	say: (line) => process.stderr.write(`${line}\n`),
});
process.stdout.write(`${outcome.summary}\n`);
for (const violation of outcome.violations) process.stdout.write(`VIOLATION ${violation}\n`);
if (outcome.violations.length === 0) rmSync(folder, { recursive: true, force: true });
else process.stdout.write(`the data are in ${folder}\n`);
process.exit(outcome.violations.length === 0 ? 0 : 1);
