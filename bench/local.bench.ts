import { type Benchmark, type BenchSize, summarize } from "#bench/benchmark.ts";
import { measureAwsCalls } from "#bench/local/aws-calls.ts";
import { measureCloudStart } from "#bench/local/cloud-start.ts";
import { measureColdStart } from "#bench/local/cold-start.ts";
import { measureEdgeRequests } from "#bench/local/edge-requests.ts";
import type { LocalBenchSizes } from "#bench/local/sizes.ts";

const REGIONS = [
	"us-west-2",
	"us-east-1",
	"sa-east-1",
	"eu-west-1",
	"eu-central-1",
	"ap-south-1",
	"ap-southeast-1",
	"ap-northeast-1",
	"ap-southeast-2",
];

const SIZES: Readonly<Record<BenchSize, LocalBenchSizes>> = {
	full: { warmUp: 500, calls: 2000, coldStarts: 20, cloudStarts: 5, regions: REGIONS },
	tiny: { warmUp: 2, calls: 4, coldStarts: 1, cloudStarts: 1, regions: REGIONS.slice(0, 1) },
};

/** What the local cloud adds to the engines and threads it is made of. */
export const local: Benchmark = {
	notMeasured: [
		"Throughput: calls and requests are made one at a time, so queues and contention between sandboxes do not show.",
		"AWS: an engine on this machine is neither as fast nor as slow as DynamoDB, and a thread starts faster than a Lambda instance.",
		"Distance: time is virtual where the network is involved, so round-trips between regions cost nothing here.",
		"Large items: items here hold some hundred bytes; DynamoDB takes 400 KB.",
		"Memory, and what a run of many hours adds to the files of the engines.",
	],
	run: async (size, say) => {
		const sizes = SIZES[size];
		const parts = [measureAwsCalls, measureEdgeRequests, measureColdStart, measureCloudStart];
		const results = [];
		for (const measure of parts) for (const samples of await measure(sizes, say)) results.push(summarize("local", samples));
		return results;
	},
};
