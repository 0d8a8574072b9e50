import type { Reporter, TestModule } from "vitest/node";

/** Prints one plain closing line, `N passed, N failed, N skipped`, for machines that do not know this runner's own summary. */
export default class SummaryReporter implements Reporter {
	onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
		const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
		for (const module of modules) {
			const before = counts.failed;
			for (const test of module.children.allTests()) {
				const { state } = test.result();
				if (state === "passed" || state === "failed" || state === "skipped") counts[state] += 1;
				else counts.failed += 1;
			}
			// A file that breaks outside its tests (an import, a hook) counts as one failure.
			if (module.state() === "failed" && counts.failed === before) counts.failed += 1;
		}
		process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
	}
}
