import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

interface Plant {
	readonly file: string;
	readonly imports: string;
	readonly refused: boolean;
}

const refuse = (file: string, imports: string): Plant => ({ file, imports, refused: true });
const accept = (file: string, imports: string): Plant => ({ file, imports, refused: false });

const PLANTS: readonly Plant[] = [
	refuse("domain/a/x.ts", "node:fs"),
	refuse("domain/a/x.ts", "@aws-sdk/client-dynamodb"),
	refuse("domain/a/x.ts", "luxon"),
	refuse("domain/a/x.ts", "#adapters/dynamodb/x.ts"),
	refuse("domain/a/x.ts", "#infra/description/tables.ts"),
	refuse("domain/a/x.ts", "../../adapters/x.ts"),
	accept("domain/a/x.ts", "zod"),
	accept("domain/a/x.ts", "#domain/partition/fence.ts"),
	refuse("adapters/a/x.ts", "#lambdas/shared/runtime.ts"),
	refuse("adapters/a/x.ts", "#local/cloud.ts"),
	refuse("adapters/a/x.ts", "#predictor/features/x.ts"),
	refuse("adapters/a/x.ts", "#infra/stacks/control-stack.ts"),
	accept("adapters/a/x.ts", "#infra/description/tables.ts"),
	accept("adapters/a/x.ts", "@aws-sdk/client-dynamodb"),
	refuse("lambdas/a/x.ts", "#local/cloud.ts"),
	refuse("lambdas/a/x.ts", "#cli/start.ts"),
	refuse("lambdas/a/x.ts", "#replay/readers/x.ts"),
	refuse("lambdas/a/x.ts", "#infra/settings.ts"),
	accept("lambdas/a/x.ts", "#adapters/dynamodb/x.ts"),
	accept("lambdas/a/x.ts", "#infra/description/functions.ts"),
	refuse("guard/x.ts", "#local/cloud.ts"),
	refuse("guard/x.ts", "#infra/settings.ts"),
	accept("guard/x.ts", "#lambdas/serve-data/data-plane.ts"),
	refuse("conformance/x.ts", "#domain/partition/fence.ts"),
	accept("conformance/x.ts", "#conformance/check.ts"),
	refuse("examples/notes/x.ts", "#lambdas/serve-data/data-plane.ts"),
	accept("examples/notes/x.ts", "#guard/index.ts"),
	refuse("predictor/models/x.ts", "#adapters/dynamodb/x.ts"),
	refuse("predictor/models/x.ts", "node:fs"),
	accept("predictor/models/x.ts", "#domain/geography/region-id.ts"),
	accept("predictor/serving/x.ts", "node:http"),
	refuse("predictor/serving/x.ts", "#lambdas/shared/env.ts"),
	accept("predictor/container/x.ts", "#replay/readers/access-log.ts"),
	refuse("predictor/container/x.ts", "#replay/world/demo-world.ts"),
	refuse("predictor/training/x.ts", "#replay/readers/access-log.ts"),
	refuse("infra/stacks/x.ts", "#local/cloud.ts"),
	refuse("infra/stacks/x.ts", "#lambdas/shared/env.ts"),
	accept("infra/stacks/x.ts", "aws-cdk-lib"),
	refuse("infra/description/x.ts", "aws-cdk-lib"),
	refuse("infra/description/x.ts", "#infra/stacks/x.ts"),
	refuse("replay/readers/x.ts", "#local/cloud.ts"),
	refuse("replay/readers/x.ts", "@aws-sdk/client-dynamodb"),
	accept("replay/readers/x.ts", "#predictor/features/x.ts"),
	refuse("simulation/world/x.ts", "#adapters/dynamodb/x.ts"),
	refuse("simulation/world/x.ts", "#local/cloud.ts"),
	refuse("simulation/world/x.ts", "#lambdas/run-stage/handler.ts"),
	accept("simulation/world/x.ts", "#lambdas/serve-data/data-plane.ts"),
	accept("simulation/world/x.ts", "#domain/partition/fence.ts"),
	refuse("console/x.js", "#domain/migration/stages.ts"),
	refuse("console/x.js", "https://example.com/x.js"),
	refuse("console/x.js", "../local/cloud.ts"),
	accept("console/x.js", "./y.js"),
	refuse("local/a/x.ts", "#cli/start.ts"),
	refuse("local/a/x.ts", "#infra/stacks/x.ts"),
	accept("local/a/x.ts", "#lambdas/shared/runtime.ts"),
];

interface Diagnostic {
	readonly category: string;
	readonly location: { readonly path: string };
}

let refusals: readonly Diagnostic[] = [];
let directory = "";

/** `domain/a/x.ts` of plant 3 -> `domain/a/plant-3.ts`. */
const plantFile = (plant: Plant, index: number): string => `${dirname(plant.file)}/plant-${index}.ts`;

beforeAll(() => {
	directory = mkdtempSync(join(tmpdir(), "heliotrope-arrows-"));
	for (const name of ["biome.json", ".gitignore"]) copyFileSync(name, join(directory, name));
	PLANTS.forEach((plant, index) => {
		plantAt(plantFile(plant, index), `import { something } from "${plant.imports}";\nexport const used = something;\n`);
	});
	plantAt("domain/cycle/one.ts", 'import { two } from "#domain/cycle/two.ts";\nexport const one = (): unknown => two;\n');
	plantAt("domain/cycle/two.ts", 'import { one } from "#domain/cycle/one.ts";\nexport const two = (): unknown => one;\n');
	plantAt("domain/NotKebab.ts", "export const used = 1;\n");
	plantAt("adapters/floating.ts", "const work = async (): Promise<void> => {};\nexport const start = (): void => {\n\twork();\n};\n");
	plantAt("package.json", JSON.stringify({ type: "module", imports: { "#domain/*": "./domain/*" } }));
	refusals = lint();
}, 30_000);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

function plantAt(file: string, text: string): void {
	mkdirSync(dirname(join(directory, file)), { recursive: true });
	writeFileSync(join(directory, file), text);
}

function lint(): readonly Diagnostic[] {
	try {
		execFileSync(resolve("node_modules/.bin/biome"), ["lint", "--reporter=json", "--max-diagnostics=500", "."], {
			cwd: directory,
			encoding: "utf8",
			stdio: ["ignore", "pipe", "ignore"],
		});
	} catch (error) {
		const { diagnostics } = JSON.parse((error as { stdout: string }).stdout) as { diagnostics: Diagnostic[] };
		return diagnostics;
	}
	throw new Error("the linter accepted everything that was planted");
}

const refusedFor = (file: string, rule: string): boolean =>
	refusals.some(({ category, location }) => category.endsWith(rule) && location.path.replaceAll("\\", "/").endsWith(file));

describe("the linter keeps the import arrows", () => {
	PLANTS.forEach((plant, index) => {
		test(`${plant.refused ? "refuses" : "accepts"} ${plant.imports} in ${dirname(plant.file)}`, () => {
			expect(refusedFor(plantFile(plant, index), "noRestrictedImports")).toBe(plant.refused);
		});
	});

	test("refuses an import cycle", () => {
		expect(refusedFor("domain/cycle/one.ts", "noImportCycles")).toBe(true);
	});

	test("refuses a file name that is not kebab-case", () => {
		expect(refusedFor("domain/NotKebab.ts", "useFilenamingConvention")).toBe(true);
	});

	test("refuses a promise nobody waits for", () => {
		expect(refusedFor("adapters/floating.ts", "noFloatingPromises")).toBe(true);
	});
});
