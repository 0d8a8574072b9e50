import type { CloudFrontRequest, CloudFrontRequestEvent } from "aws-lambda";
import { createLambdaSigner, hashOfBase64, type LambdaSigner } from "#adapters/http/lambda-signer.ts";
import type { Samples } from "#bench/benchmark.ts";
import { collectGarbage } from "#bench/collect-garbage.ts";
import type { EdgeBenchSizes } from "#bench/edge/sizes.ts";
import { PARTITION, PATH, viewerEvent, viewerEvents } from "#bench/edge/viewer-event.ts";
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

type Work = (event: CloudFrontRequestEvent) => Promise<unknown>;

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
			...(await timesInTurn(sizes, 1, withSignature, signature)),
			baselineOf: SIGNATURE,
			target: { of: "ratio", is: "at most", limit: 2 },
		},
		{
			metric: "interceptor without signature",
			unit: "µs",
			...(await timesInTurn(sizes, sizes.batch, without, bare)),
			baselineOf: BARE,
			target: { of: "ratio", is: "at most", limit: 5 },
		},
		{
			metric: "allocated by the interceptor, signature included",
			unit: "bytes",
			values: await allocations(sizes, withSignature),
			baselineOf: SIGNATURE,
			baselineValues: await allocations(sizes, signature),
		},
		{
			metric: "allocated by the interceptor without signature",
			unit: "bytes",
			values: await allocations(sizes, without),
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

function bareRouter(): Work {
	const origins = new Map([[PARTITION, { custom: { ...viewerEvent().Records[0]?.cf.request.origin?.custom } }]]);
	const route = async (request: CloudFrontRequest): Promise<unknown> => {
		const origin = origins.get(PARTITION);
		return { ...request, headers: { ...request.headers }, origin: { custom: { ...origin?.custom } } };
	};
	return (event) => route(event.Records[0]?.cf.request as CloudFrontRequest);
}

async function timesInTurn(
	{ warmUp, samples }: EdgeBenchSizes,
	batch: number,
	subject: Work,
	baseline: Work,
): Promise<{ values: readonly number[]; baselineValues: readonly number[] }> {
	for (const event of viewerEvents(warmUp)) {
		await subject(event);
		await baseline(event);
	}
	const values: number[] = [];
	const baselineValues: number[] = [];
	for (let sample = 0; sample < samples; sample += 1) {
		values.push(await meanUs(batch, subject));
		baselineValues.push(await meanUs(batch, baseline));
	}
	return { values, baselineValues };
}

/** Every request is an object of its own and never seen before, as it is when the runtime has parsed it; parsing is not counted. */
async function meanUs(batch: number, work: Work): Promise<number> {
	const events = viewerEvents(batch);
	const startedMs = performance.now();
	for (const event of events) await work(event);
	return ((performance.now() - startedMs) * 1000) / batch;
}

/** Few enough calls that no collection comes between, for the heap to grow by what they allocate. */
const CALLS = 100;

/** Bytes of heap a call allocates, by batches after a full collection. */
async function allocations({ samples }: EdgeBenchSizes, work: Work): Promise<readonly number[]> {
	const values: number[] = [];
	for (let sample = 0; sample < Math.max(3, Math.min(samples, 50)); sample += 1) {
		const events = viewerEvents(CALLS);
		collectGarbage();
		const before = process.memoryUsage().heapUsed;
		for (const event of events) await work(event);
		values.push(Math.max(1, (process.memoryUsage().heapUsed - before) / CALLS));
	}
	return values;
}
