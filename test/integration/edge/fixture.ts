import type { CloudFrontRequestEvent, CloudFrontResponseEvent, LambdaFunctionURLEvent } from "aws-lambda";
import { createLambdaSigner, type SigningCredentials } from "#adapters/http/lambda-signer.ts";
import { type RegionId, regionId } from "#domain/geography/region-id.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { PartitionRecord } from "#domain/partition/record.ts";
import { routeOf } from "#domain/routing/known-route.ts";
import type { EdgeConfig } from "#infra/description/edge.ts";
import { createInterceptor, type Interceptor } from "#lambdas/route-request/interceptor.ts";
import type { AccessRecord } from "#lambdas/shared/access-line.ts";
import { VirtualClock } from "#local/clock/virtual-clock.ts";
import { startFront } from "#local/edge/front.ts";
import { startFunctionUrls } from "#local/edge/function-urls.ts";
import { Callers } from "#local/gateway/callers.ts";
import type { LambdaCall, LambdaHost, LambdaOutcome } from "#local/lambda-host/lambda-host.ts";
import { VirtualNetwork } from "#local/network/virtual-network.ts";

export const [virginia, dublin, tokyo] = ["us-east-1", "eu-west-1", "ap-northeast-1"].map(regionId) as [RegionId, RegionId, RegionId];
const regions = [virginia, dublin, tokyo];

/** Whole numbers, so that what was charged can be told apart. */
const RTT_MS = new Map([
	["eu-west-1|us-east-1", 70],
	["ap-northeast-1|us-east-1", 150],
	["ap-northeast-1|eu-west-1", 220],
]);
const rttMs = (a: RegionId, b: RegionId): number => (a === b ? 1 : (RTT_MS.get([a, b].sort().join("|")) ?? Number.NaN));

type DataPlane = (event: LambdaFunctionURLEvent, region: RegionId, call: LambdaCall) => Promise<unknown>;

/** The edge of three regions with real edge handlers, run in this thread, and a data plane as given. Time is virtual. */
export async function startEdge(
	dataPlane: DataPlane,
	replace: Partial<Record<string, (call: LambdaCall) => Promise<unknown>>> = {},
	spoil: (credentials: SigningCredentials) => SigningCredentials = (credentials) => credentials,
) {
	const clock = new VirtualClock({ startMs: Date.UTC(2024, 0, 1), speed: Number.POSITIVE_INFINITY });
	const network = new VirtualNetwork(clock, rttMs);
	const callers = new Callers();
	const records = new Map<PartitionId, PartitionRecord>();
	/** Partitions whose record has been read, in order. */
	const reads: PartitionId[] = [];
	const accesses: AccessRecord[] = [];
	const logged: string[] = [];
	const interceptors = new Map<RegionId, Interceptor>();
	const config: EdgeConfig = { stage: "test", regions, controlRegion: virginia, metadataTable: "m", origins: {} };
	const interceptor = (nearRegion: RegionId): Interceptor =>
		createInterceptor({
			config: { ...config, origins: urls.origins },
			directory: { urlOf: async () => undefined },
			nearRegion,
			readRoute: async (partition) => {
				reads.push(partition);
				const record = records.get(partition);
				return record === undefined ? undefined : routeOf(record);
			},
			sign: createLambdaSigner(credentials(nearRegion), () => clock.nowMs()),
			clock,
			background: (work) => void work(),
			seed: 1,
			log: { warn: (code) => logged.push(code), error: (code) => logged.push(code) },
		});
	/** Those of the edge function near a region; tests may spoil them. */
	const credentials = (region: RegionId): SigningCredentials => spoil(callers.issue(region, "route-request"));
	const run = async (call: LambdaCall): Promise<unknown> => {
		const replaced = replace[call.function];
		if (replaced !== undefined) return replaced(call);
		if (call.function === "serve-data") return dataPlane(call.event as LambdaFunctionURLEvent, call.region, call);
		const handler = interceptors.get(call.region) ?? interceptor(call.region);
		interceptors.set(call.region, handler);
		return handler(call.event as CloudFrontRequestEvent | CloudFrontResponseEvent);
	};
	const lambda: LambdaHost = {
		invoke: async (call): Promise<LambdaOutcome> => {
			try {
				return { ok: true, payload: JSON.parse(JSON.stringify((await run(call)) ?? null)) };
			} catch (error) {
				return { ok: false, errorType: "Error", errorMessage: String(error) };
			}
		},
	};
	const log = (line: string) => logged.push(line);
	const urls = await startFunctionUrls({ regions, lambda, clock, network, callers, log });
	const front = await startFront({
		port: 0,
		clock,
		network,
		lambda,
		regions,
		origins: urls.origins,
		onAccess: (record) => accesses.push(record),
		log,
	});
	return {
		clock,
		network,
		callers,
		records,
		reads,
		accesses,
		logged,
		urls,
		url: front.url,
		stop: async () => {
			await front.stop();
			await urls.stop();
			clock.stop();
		},
	};
}

export type TestEdge = Awaited<ReturnType<typeof startEdge>>;
