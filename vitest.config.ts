import { defineConfig } from "vitest/config";
import LongestFirst from "./test/__helpers__/longest-first.ts";

/** Tests that hold nothing but values: they load modules once a worker instead of once a file. What they may not change is in `shared-worker.ts`. */
const SHARED = ["test/{property,unit}/**/*.test.ts"];

/** Tests of those folders that change what their process has one of, or start processes and threads: each file has a worker of its own. */
const ALONE = [
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
		sequence: { sequencer: LongestFirst },
		reporters: ["default", "./test/__helpers__/summary-reporter.ts"],
		projects: [
			{ extends: true, test: { name: "alone", include: ["test/!(property|unit)/**/*.test.ts", ...ALONE] } },
			{
				extends: true,
				test: { name: "shared", include: SHARED, exclude: ALONE, isolate: false, setupFiles: ["./test/__helpers__/shared-worker.ts"] },
			},
		],
	},
});
