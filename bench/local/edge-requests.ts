import assert from "node:assert";
import { createLambdaSigner, hashOfBase64, type SignatureHeaders } from "#adapters/http/lambda-signer.ts";
import type { Samples } from "#bench/benchmark.ts";
import type { LocalBenchSizes } from "#bench/local/sizes.ts";
import { temporaryDirectory, timedInTurn } from "#bench/local/stopwatch.ts";
import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import { createRttTable } from "#domain/geography/round-trip-time.ts";
import { FUNCTIONS } from "#infra/description/functions.ts";
import { VirtualClock } from "#local/clock/virtual-clock.ts";
import { localDeployment } from "#local/deployment.ts";
import { startFunctionUrls } from "#local/edge/function-urls.ts";
import { Callers } from "#local/gateway/callers.ts";
import type { LambdaHost } from "#local/lambda-host/lambda-host.ts";
import { SandboxHost } from "#local/lambda-host/sandbox-host.ts";
import { VirtualNetwork } from "#local/network/virtual-network.ts";
import { startCloud } from "#local/start-cloud.ts";
import { HttpClient } from "#local/workload/http-client.ts";

const BARE = "a function URL whose function answers at once";
const START_MS = Date.UTC(2024, 0, 1);
const TRIVIAL_HANDLER = new URL("./trivial-handler.ts", import.meta.url).href;
const ITEM = "/v1/partitions/bench/items/key";
const BODY = Buffer.from("x".repeat(200));

/** A request, timed; it fails loudly when the answer is not the expected one. */
type Ask = (method: "GET" | "PUT") => Promise<void>;

/** What edge functions, data plane and its DynamoDB calls add to a bare function URL. */
export async function measureEdgeRequests(sizes: LocalBenchSizes, say: (line: string) => void): Promise<readonly Samples[]> {
	say("requests through the edge and at a bare function URL");
	await using stack = new AsyncDisposableStack();
	const region = regionId(sizes.regions[0] ?? "");
	const subject = await wholeCloud(region, stack);
	const baseline = await bareUrl(region, stack);
	const counts = { warmUp: sizes.warmUp, count: sizes.calls };
	await subject("PUT");
	const compare = async (method: "GET" | "PUT"): Promise<Omit<Samples, "metric">> => ({
		unit: "ms",
		baselineOf: BARE,
		...(await timedInTurn(
			counts,
			() => subject(method),
			() => baseline(method),
		)),
	});
	return [
		{ metric: "GET an item through the edge", ...(await compare("GET")) },
		{ metric: "PUT an item through the edge", ...(await compare("PUT")) },
	];
}

async function wholeCloud(region: RegionId, stack: AsyncDisposableStack): Promise<Ask> {
	const cloud = await startCloud({
		regions: [region],
		port: 0,
		dataDir: temporaryDirectory(stack),
		speed: Number.POSITIVE_INFINITY,
		startMs: START_MS,
		seed: 1,
	});
	stack.defer(() => cloud.stop());
	// Between requests time stands still: no schedule runs into the measurement.
	const { id } = cloud.clock.begin("benchmark");
	cloud.letTimePass();
	return asking(cloud.url, id, stack);
}

async function bareUrl(region: RegionId, stack: AsyncDisposableStack): Promise<Ask> {
	const clock = new VirtualClock({ startMs: START_MS, speed: Number.POSITIVE_INFINITY });
	stack.defer(() => clock.stop());
	const network = new VirtualNetwork(clock, createRttTable([region]));
	const callers = new Callers();
	const log = (): void => {};
	const lambda: LambdaHost = { invoke: (call) => sandboxes.invoke(call) };
	const urls = await startFunctionUrls({ regions: [region], lambda, clock, network, callers, log });
	stack.defer(() => urls.stop());
	const sandboxes = new SandboxHost({
		deployment: localDeployment({ regions: [region] }, region),
		bundles: new Map(FUNCTIONS.map(({ entry }) => [entry, TRIVIAL_HANDLER])),
		clock,
		time: undefined,
		callers,
		endpointUrl: "http://127.0.0.1:9",
		seed: 1,
		log,
	});
	stack.defer(() => sandboxes.stop());
	const url = urls.urlOf(region);
	const sign = createLambdaSigner(callers.issue(region, "bench"), () => clock.nowMs());
	const signatureOf = (method: string, body: Buffer) =>
		sign(region, { method, host: new URL(url).host, path: ITEM, query: {}, bodyHash: hashOfBase64(body.toString("base64")) });
	const signatures = { GET: await signatureOf("GET", Buffer.alloc(0)), PUT: await signatureOf("PUT", BODY) };
	return asking(url, clock.begin("benchmark").id, stack, signatures);
}

/** @param signatures what a request has to bear to be let in; time stands still, so they do not age */
function asking(
	url: string,
	activityId: string,
	stack: AsyncDisposableStack,
	signatures: Readonly<Record<"GET" | "PUT", SignatureHeaders>> = { GET: {}, PUT: {} },
): Ask {
	const client = new HttpClient(url);
	stack.defer(() => client.close());
	return async (method) => {
		const headers = { "x-local-activity": activityId, "content-type": "text/plain", ...signatures[method] };
		const answer = await client.send({ method, path: ITEM, headers, ...(method === "PUT" ? { body: BODY } : {}) });
		assert(answer.status === 200 || answer.status === 201, `${method} was answered ${answer.status}: ${answer.body.toString("utf8")}`);
	};
}
