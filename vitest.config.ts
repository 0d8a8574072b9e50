import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import LongestFirst from "./test/__helpers__/longest-first.ts";

/** Tests that leave their process as they found it: they load modules once a worker instead of once a file. What they may not change is in `shared-worker.ts`. */
const SHARED = ["test/**/*.test.ts"];

/** Tests that change what their process has one of, or how it is loaded: each file has a worker of its own. */
const ALONE = [
	"test/integration/administer/*.test.ts",
	"test/integration/conformance/*.test.ts",
	"test/integration/prediction/predict-run.test.ts",
	"test/integration/recovery/*.test.ts",
	"test/integration/replay/*.test.ts",
	"test/integration/training/*.test.ts",
	"test/unit/cli/replay/replay.test.ts",
	"test/unit/cli/start.test.ts",
	"test/unit/cli/survey/*.test.ts",
	"test/unit/local/lambda-host/*.test.ts",
	"test/unit/local/state/*.test.ts",
	"test/unit/local/workload/*.test.ts",
	"test/unit/shared/*.test.ts",
];

export default defineConfig({
	test: {
		testTimeout: 60_000,
		hookTimeout: 60_000,
		maxWorkers: 2,
		// Where the command line keeps it, too: processes that tests start strip types once, not every time.
		env: { NODE_COMPILE_CACHE: fileURLToPath(new URL("node_modules/.cache/heliotrope/compiled", import.meta.url)) },
		globalSetup: "./test/__helpers__/scratch-folder.ts",
		sequence: { sequencer: LongestFirst },
		reporters: ["default", "./test/__helpers__/summary-reporter.ts"],
		projects: [
			{ extends: true, test: { name: "alone", include: ALONE } },
			{
				extends: true,
				test: { name: "shared", include: SHARED, exclude: ALONE, isolate: false, setupFiles: ["./test/__helpers__/shared-worker.ts"] },
			},
		],
	},
});
