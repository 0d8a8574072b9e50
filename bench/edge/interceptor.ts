import type { CloudFrontRequest } from "aws-lambda";
import { createLambdaSigner, hashOfBase64, type LambdaSigner } from "#adapters/http/lambda-signer.ts";
import type { Samples } from "#bench/benchmark.ts";
import { collectGarbage } from "#bench/edge/collect-garbage.ts";
import type { EdgeBenchSizes } from "#bench/edge/sizes.ts";
import { PARTITION, PATH, viewerEvent } from "#bench/edge/viewer-event.ts";
import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import type { EdgeConfig } from "#infra/description/edge.ts";
import { createInterceptor, type Interceptor } from "#lambdas/route-request/interceptor.ts";

const regions = ["us-east-1", "eu-west-1", "ap-northeast-1"].map(regionId);
const HOME = regions[1] as RegionId;
const config: EdgeConfig = {
	stage: "bench",
	regions,
	controlRegion: HOME,
	metadataTable: "m",
	origins: Object.fromEntries(
		regions.map((region) => [region, { domainName: `abc.lambda-url.${region}.on.aws`, port: 443, protocol: "https" }]),
	),
};
const CREDENTIALS = { accessKeyId: "ASIAEXAMPLEEXAMPLE00", secretAccessKey: "s".repeat(40), sessionToken: "t".repeat(900) };

const SIGNATURE = "the signature of the same request alone";
const BARE = "an async function that looks the partition up in a Map and copies request, headers and origin";

type Work = () => Promise<unknown>;

/** What a request costs on a cached route, with and without its signature, in time and in memory. */
export async function measureInterceptor(sizes: EdgeBenchSizes, say: (line: string) => void): Promise<readonly Samples[]> {
	say("the interceptor on a cached route");
	const sign = createLambdaSigner(CREDENTIALS, Date.now);
	const [withSignature, without] = [interceptorOf(sign), interceptorOf(undefined)];
	const host = config.origins[HOME]?.domainName ?? "";
	const signature: Work = () => sign(HOME, { method: "GET", host, path: PATH, query: {}, bodyHash: hashOfBase64("") });
	const bare = bareRouter();
	return [
		{
			metric: "interceptor, signature included",
			unit: "µs",
			...(await timesInTurn(sizes, 1, asking(withSignature), signature)),
			baselineOf: SIGNATURE,
			target: { of: "ratio", is: "at most", limit: 2 },
		},
		{
			metric: "interceptor without signature",
			unit: "µs",
			...(await timesInTurn(sizes, sizes.batch, asking(without), bare)),
			baselineOf: BARE,
			target: { of: "ratio", is: "at most", limit: 5 },
		},
		{
			metric: "allocated by the interceptor, signature included",
			unit: "bytes",
			values: await allocations(sizes, asking(withSignature)),
			baselineOf: SIGNATURE,
			baselineValues: await allocations(sizes, signature),
		},
		{
			metric: "allocated by the interceptor without signature",
			unit: "bytes",
			values: await allocations(sizes, asking(without)),
			baselineOf: BARE,
			baselineValues: await allocations(sizes, bare),
		},
	];
}

function interceptorOf(sign: LambdaSigner | undefined): Interceptor {
	return createInterceptor({
		config,
		nearRegion: HOME,
		readRoute: async () => ({ leader: HOME, followers: [], epoch: 1, moving: false, buckets: 8 }),
		directory: { urlOf: async () => undefined },
		sign,
		// stands still: the route stays fresh, as it does for all requests but one in its time to live
		clock: { nowMs: () => 0 },
		background: (work) => void work(),
		seed: 1,
		log: { warn: () => {}, error: () => {} },
	});
}

/** Every request is an object of its own, as it is when the runtime has parsed it; parsing is not counted. */
function asking(intercept: Interceptor): Work {
	const events = Array.from({ length: 64 }, viewerEvent);
	let next = 0;
	return () => {
		next = (next + 1) % events.length;
		return intercept(events[next] as (typeof events)[number]);
	};
}

function bareRouter(): Work {
	const events = Array.from({ length: 64 }, viewerEvent);
	const origins = new Map([[PARTITION, { custom: { ...events[0]?.Records[0]?.cf.request.origin?.custom } }]]);
	let next = 0;
	const route = async (request: CloudFrontRequest): Promise<unknown> => {
		const origin = origins.get(PARTITION);
		return { ...request, headers: { ...request.headers }, origin: { custom: { ...origin?.custom } } };
	};
	return () => {
		next = (next + 1) % events.length;
		return route(events[next]?.Records[0]?.cf.request as CloudFrontRequest);
	};
}

async function timesInTurn(
	{ warmUp, samples }: EdgeBenchSizes,
	batch: number,
	subject: Work,
	baseline: Work,
): Promise<{ values: readonly number[]; baselineValues: readonly number[] }> {
	for (let round = 0; round < warmUp; round += 1) {
		await subject();
		await baseline();
	}
	const values: number[] = [];
	const baselineValues: number[] = [];
	for (let sample = 0; sample < samples; sample += 1) {
		values.push(await meanUs(batch, subject));
		baselineValues.push(await meanUs(batch, baseline));
	}
	return { values, baselineValues };
}

async function meanUs(batch: number, work: Work): Promise<number> {
	const startedMs = performance.now();
	for (let call = 0; call < batch; call += 1) await work();
	return ((performance.now() - startedMs) * 1000) / batch;
}

/** Few enough calls that no collection comes between, for the heap to grow by what they allocate. */
const CALLS = 100;

/** Bytes of heap a call allocates, by batches after a full collection. */
async function allocations({ samples }: EdgeBenchSizes, work: Work): Promise<readonly number[]> {
	const values: number[] = [];
	for (let sample = 0; sample < Math.max(3, Math.min(samples, 50)); sample += 1) {
		collectGarbage();
		const before = process.memoryUsage().heapUsed;
		for (let call = 0; call < CALLS; call += 1) await work();
		values.push(Math.max(1, (process.memoryUsage().heapUsed - before) / CALLS));
	}
	return values;
}
