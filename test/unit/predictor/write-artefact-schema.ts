import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { artefactJsonSchema } from "#predictor/models/artefact.ts";

const path = fileURLToPath(new URL("../../../docs/model-artefact.schema.json", import.meta.url));
writeFileSync(path, JSON.stringify(artefactJsonSchema()));
execFileSync("npx", ["biome", "check", "--write", path], { stdio: "inherit" });
