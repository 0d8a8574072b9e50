import { afterEach, expect, test, vi } from "vitest";
import { createEdgeLog } from "#lambdas/route-request/edge-log.ts";
import { createLogger } from "#lambdas/shared/logger.ts";

afterEach(() => vi.restoreAllMocks());

test("what goes wrong at the edge is a line, and a metric by its code", async () => {
	const lines: unknown[] = [];
	for (const stream of [process.stdout, process.stderr]) {
		vi.spyOn(stream, "write").mockImplementation((text) => {
			lines.push(JSON.parse(String(text)));
			return true;
		});
	}
	const work: (() => Promise<void>)[] = [];
	const log = createEdgeLog(createLogger("route-request"), "prod", (one) => void work.push(one));
	log.warn("metadata.unavailable", { cached: true });
	log.error("edge.failed", { requestId: "r-1" });
	for (const one of work) await one();
	const metric = (code: string) => ({
		_aws: {
			CloudWatchMetrics: [
				{ Namespace: "Heliotrope/prod", Dimensions: [["service", "code"]], Metrics: [{ Name: "EdgeProblems", Unit: "Count" }] },
			],
		},
		service: "route-request",
		code,
		EdgeProblems: 1,
	});
	expect(lines).toMatchObject([
		{ level: "WARN", message: "metadata.unavailable", cached: true },
		{ level: "ERROR", message: "edge.failed", requestId: "r-1" },
		metric("metadata.unavailable"),
		metric("edge.failed"),
	]);
});
