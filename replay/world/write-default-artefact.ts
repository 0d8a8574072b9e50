import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createLocator } from "#domain/geography/locate.ts";
import { REGIONS } from "#domain/geography/regions.ts";
import { CALIBRATION_SIZE } from "#domain/prediction/calibration.ts";
import { HOUR_MS, hourOf } from "#domain/prediction/hours.ts";
import { WINDOWS_HOURS } from "#domain/prediction/settings.ts";
import { CellBuilder } from "#predictor/features/cell-builder.ts";
import type { AccessHistory } from "#predictor/features/history.ts";
import { trainPool } from "#predictor/training/train-models.ts";
import { DEMO_REGIONS } from "#replay/world/cities.ts";
import { DEMO_START_MS, demoWorld } from "#replay/world/demo-world.ts";

/**
 * `npm run default-model`: trains the model of a fresh deployment on the demo world and writes it where the release keeps it. The same
 * release always writes the same file.
 */
const OUT = fileURLToPath(new URL("../../predictor/models/default-artefact.ts", import.meta.url));
const SEED = 11;
const HOURS = 20 * 168;
/** Hours that are only remembered. */
const WARM_UP_HOURS = 2 * 168;
const DIGITS = 4;

async function demoHistory(): Promise<AccessHistory> {
	const regions = REGIONS.filter(({ id }) => DEMO_REGIONS.includes(id)).map(({ id }) => id);
	const builder = new CellBuilder(regions);
	const world = demoWorld({ seed: SEED, startMs: DEMO_START_MS, endMs: DEMO_START_MS + HOURS * HOUR_MS, locate: createLocator(regions) });
	for await (const rows of world)
		for (const { partition, region, segment = "", tsMs, count } of rows) builder.add(partition, region, segment, hourOf(tsMs), count);
	return builder.build();
}

const fromHour = hourOf(DEMO_START_MS) + WARM_UP_HOURS;
const { parameters } = trainPool(
	await demoHistory(),
	{ fromHour, toHour: fromHour + HOURS - WARM_UP_HOURS },
	{ windowsHours: WINDOWS_HOURS },
);
// a made-up world says nothing of how well forecasts of a real one are calibrated
const nothingSeen = Array<number>(CALIBRATION_SIZE).fill(0);
const windows = Object.fromEntries(
	Object.entries(parameters.windows).map(([hours, window]) => [hours, { ...window, calibration: nothingSeen }]),
);
const rounded = JSON.stringify(windows, (_, value: unknown) => (typeof value === "number" ? Number(value.toPrecision(DIGITS)) : value));
const json = JSON.stringify({ ...parameters, windows: JSON.parse(rounded) });
writeFileSync(
	OUT,
	`import type { PoolArtefact } from "#predictor/models/pool.ts";

/** The model of a fresh deployment, as \`npm run default-model\` writes it. See docs/internals/prediction.md. */
export const DEFAULT_ARTEFACT: PoolArtefact = ${json};
`,
);
execFileSync("npx", ["biome", "check", "--write", OUT], { stdio: "inherit" });
