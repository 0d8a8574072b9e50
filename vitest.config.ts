import { defineConfig } from "vitest/config";
import LongestFirst from "./test/__helpers__/longest-first.ts";

export default defineConfig({
	test: {
		include: ["test/**/*.test.ts"],
		testTimeout: 60_000,
		hookTimeout: 60_000,
		maxWorkers: 2,
		sequence: { sequencer: LongestFirst },
		reporters: ["default", "./test/__helpers__/summary-reporter.ts"],
	},
});
