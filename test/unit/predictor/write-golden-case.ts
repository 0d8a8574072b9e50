import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { makeGoldenCase } from "#test/unit/predictor/golden-case.ts";

/** `npm run golden-vectors`: writes the golden case anew, after a change that is meant to change forecasts. */
const OUT = fileURLToPath(new URL("../../__golden__/forecast.json", import.meta.url));
writeFileSync(OUT, JSON.stringify(makeGoldenCase()));
execFileSync("npx", ["biome", "check", "--write", OUT], { stdio: "inherit" });
