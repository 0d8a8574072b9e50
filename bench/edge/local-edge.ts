import assert from "node:assert";
import { createLambdaSigner, hashOfBase64, type SignatureHeaders } from "#adapters/http/lambda-signer.ts";
import type { Samples } from "#bench/benchmark.ts";
import type { EdgeBenchSizes } from "#bench/edge/sizes.ts";
import { temporaryDirectory, timedInTurn } from "#bench/local/stopwatch.ts";
import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import { createRttTable } from "#domain/geography/round-trip-time.ts";
import { edgeConfigOf } from "#infra/description/edge.ts";
import { FUNCTIONS } from "#infra/description/functions.ts";
import { VirtualClock } from "#local/clock/virtual-clock.ts";
import { localDeployment } from "#local/deployment.ts";
import { startFront } from "#local/edge/front.ts";
import { startFunctionUrls } from "#local/edge/function-urls.ts";
import { startEngines } from "#local/engines/engines.ts";
import { Callers } from "#local/gateway/callers.ts";
import { dynamodbService } from "#local/gateway/dynamodb-service.ts";
import { startGateway } from "#local/gateway/gateway.ts";
import { bundleFunctions } from "#local/lambda-host/bundle.ts";
import type { LambdaHost } from "#local/lambda-host/lambda-host.ts";
import { SandboxHost } from "#local/lambda-host/sandbox-host.ts";
import { VirtualNetwork } from "#local/network/virtual-network.ts";
import { prepareDataDirectory } from "#local/state/data-directory.ts";
import { HttpClient } from "#local/workload/http-client.ts";

const PATH = "/v1/partitions/bench/items/key";
const DIRECT = "the same function URL, asked with a signature that was made before";
const TRIVIAL_HANDLER = new URL("../local/trivial-handler.ts", import.meta.url).href;

type Ask = () => Promise<void>;

/** What the local edge with its functions adds to the same origin without it: a function URL whose function answers at once. */
export async function measureLocalEdge(sizes: EdgeBenchSizes, say: (line: string) => void): Promise<readonly Samples[]> {
	say("requests through the local edge and at the origin behind it");
	await using stack = new AsyncDisposableStack();
	const { throughEdge, atOrigin } = await bringUp(stack);
	const one = await timedInTurn({ warmUp: Math.ceil(sizes.requests / 5), count: sizes.requests }, throughEdge, atOrigin);
	const values: number[] = [];
	const baselineValues: number[] = [];
	for (let round = 0; round < sizes.rounds; round += 1) {
		values.push(await perSecond(throughEdge, sizes));
		baselineValues.push(await perSecond(atOrigin, sizes));
	}
	return [
		{ metric: "GET through the local edge, one at a time", unit: "ms", baselineOf: DIRECT, ...one },
		{ metric: `GETs through the local edge, ${sizes.atOnce} at a time`, unit: "requests/s", baselineOf: DIRECT, values, baselineValues },
	];
}

async function perSecond(ask: Ask, { requests, atOnce }: EdgeBenchSizes): Promise<number> {
	let left = requests;
	const startedMs = performance.now();
	const client = async (): Promise<void> => {
		while (left > 0) {
			left -= 1;
			await ask();
		}
	};
	await Promise.all(Array.from({ length: atOnce }, client));
	return (requests * 1000) / (performance.now() - startedMs);
}

async function bringUp(stack: AsyncDisposableStack): Promise<{ throughEdge: Ask; atOrigin: Ask }> {
	const region = regionId("eu-west-1");
	const regions = [region];
	const dataDir = temporaryDirectory(stack);
	prepareDataDirectory(dataDir);
	const log = (): void => {};
	// sandboxes sign by the machine's clock, and the function URL compares that with this one
	const clock = new VirtualClock({ startMs: Date.now(), speed: Number.POSITIVE_INFINITY });
	stack.defer(() => clock.stop());
	const { id } = clock.begin("benchmark");
	const network = new VirtualNetwork(clock, createRttTable(regions));
	const callers = new Callers();
	const lambda: LambdaHost = { invoke: (call) => sandboxes.invoke(call) };
	const urls = await startFunctionUrls({ regions, lambda, clock, network, callers, log });
	stack.defer(() => urls.stop());
	const deployment = localDeployment({ regions }, region);
	const engines = await startEngines({ regions, controlRegion: region, stage: deployment.stage, dataDir, log });
	stack.defer(() => engines.stop());
	const services = [dynamodbService({ engines, regions, stage: deployment.stage })];
	const gateway = await startGateway({ clock, network, callers, services, log });
	stack.defer(() => gateway.stop());
	const bundles = new Map(await bundleFunctions(dataDir, edgeConfigOf(deployment, urls.origins)));
	bundles.set(FUNCTIONS.find(({ name }) => name === "serve-data")?.entry ?? "", TRIVIAL_HANDLER);
	const sandboxes = new SandboxHost({ deployment, bundles, clock, time: undefined, callers, endpointUrl: gateway.url, seed: 1, log });
	stack.defer(() => sandboxes.stop());
	const front = await startFront({ port: 0, clock, network, lambda, regions, origins: urls.origins, onAccess: log, log });
	stack.defer(() => front.stop());
	return {
		throughEdge: asking(front.url, id, {}, stack),
		atOrigin: asking(urls.urlOf(region), id, await signatureFor(urls.urlOf(region), region, callers), stack),
	};
}

function signatureFor(url: string, region: RegionId, callers: Callers): Promise<SignatureHeaders> {
	const sign = createLambdaSigner(callers.issue(region, "bench"), Date.now);
	return sign(region, { method: "GET", host: new URL(url).host, path: PATH, query: {}, bodyHash: hashOfBase64("") });
}

function asking(url: string, activityId: string, signature: SignatureHeaders, stack: AsyncDisposableStack): Ask {
	const client = new HttpClient(url);
	stack.defer(() => client.close());
	const headers = { "x-local-activity": activityId, ...signature };
	return async () => {
		const answer = await client.send({ method: "GET", path: PATH, headers });
		assert(answer.status === 200, `GET was answered ${answer.status}: ${answer.body.toString("utf8")}`);
	};
}
