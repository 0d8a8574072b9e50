import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { engineAvailable } from "#test/__helpers__/engine.ts";
import { FaultKind, REGIONS } from "#test/e2e/chaos/options.ts";
import { runChaos } from "#test/e2e/chaos/run.ts";

/** Another run: `HELIOTROPE_CHAOS_SEED=7`. Long runs are `npm run chaos`. */
const SEED = Number(process.env["HELIOTROPE_CHAOS_SEED"] ?? "1");

test.runIf(engineAvailable)(
	"migrations under writers, readers and faults lose nothing and bend nothing",
	{ timeout: 300_000 },
	async () => {
		const folder = mkdtempSync(join(tmpdir(), "heliotrope-chaos-"));
		const { violations, summary } = await runChaos({
			seed: SEED,
			regions: REGIONS.slice(0, 3),
			migrations: 6,
			partitions: 7,
			clients: 5,
			hostKills: 1,
			faults: [FaultKind.KillEngine, FaultKind.CutLink, FaultKind.DelayMetadata, FaultKind.KillEngine],
			answersAFault: 12,
			stalledMs: 6_000,
			folder,
			say: () => {},
		});
		expect(violations, `${summary}\nthe data are in ${folder}`).toEqual([]);
		rmSync(folder, { recursive: true, force: true });
	},
);
