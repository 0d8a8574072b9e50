import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files by the beginning of their path below `test/`, in the order in which they start: what takes longest first, everything else after them. */
const LONGEST = [
	"e2e/chaos/chaos",
	// All in the other worker meanwhile: each worker that has one of them loads the CDK.
	"infra/",
	"e2e/main-job/play",
	"e2e/main-job/resume",
	"e2e/main-job",
	"simulation/protocol",
	"e2e/",
	"unit/cli",
	"contract/",
	"integration/",
	"simulation/",
];

/**
 * Begins with the files that take longest, so that no worker is left alone with one at the end, and ends with those that share workers: one
 * that waits for such a file is kept only if the next in line is such a file, too. Nothing depends on the order.
 */
export default class LongestFirst extends BaseSequencer {
	override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
		const rest = await super.sort(files);
		return rest.toSorted((a, b) => Number(sharesWorker(a)) - Number(sharesWorker(b)) || rankOf(a) - rankOf(b));
	}
}

const sharesWorker = ({ project }: TestSpecification): boolean => !project.config.isolate;

function rankOf({ moduleId }: TestSpecification): number {
	const below = moduleId.slice(moduleId.lastIndexOf("/test/") + "/test/".length);
	const rank = LONGEST.findIndex((beginning) => below.startsWith(beginning));
	return rank < 0 ? LONGEST.length : rank;
}
