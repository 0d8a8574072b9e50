import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RegionId } from "#domain/geography/region-id.ts";
import { createRttTable } from "#domain/geography/round-trip-time.ts";
import { edgeConfigOf } from "#infra/description/edge.ts";
import { SCHEDULES } from "#infra/description/schedules.ts";
import type { TableName } from "#infra/description/tables.ts";
import { toLogLine } from "#lambdas/shared/access-line.ts";
import { adminRoutes } from "#local/admin/admin-routes.ts";
import { adminToken } from "#local/admin/admin-token.ts";
import { chaosTargets } from "#local/admin/chaos-targets.ts";
import { StageCrashes } from "#local/admin/stage-crashes.ts";
import { openClock } from "#local/clock/open-clock.ts";
import type { LocalCloudOptions, ObservableCloud } from "#local/cloud.ts";
import { consoleRoute } from "#local/console/console-route.ts";
import { localDeployment, MODEL_ENDPOINT, STAGE } from "#local/deployment.ts";
import { startFront } from "#local/edge/front.ts";
import { startFunctionUrls } from "#local/edge/function-urls.ts";
import { startEngines } from "#local/engines/engines.ts";
import { seedDataPlanes } from "#local/engines/seed-data-planes.ts";
import { AccessControl } from "#local/gateway/access-control.ts";
import { Callers } from "#local/gateway/callers.ts";
import { isWrite } from "#local/gateway/dynamodb-request.ts";
import { dynamodbService } from "#local/gateway/dynamodb-service.ts";
import { startGateway } from "#local/gateway/gateway.ts";
import { recorderOf } from "#local/gateway/record-calls.ts";
import { bundleFunctions } from "#local/lambda-host/bundle.ts";
import type { LambdaHost } from "#local/lambda-host/lambda-host.ts";
import { SandboxHost } from "#local/lambda-host/sandbox-host.ts";
import { VirtualNetwork } from "#local/network/virtual-network.ts";
import { GlobalTableReplicator } from "#local/replication/global-table.ts";
import { BucketFiles } from "#local/s3/bucket-files.ts";
import { s3Service } from "#local/s3/s3-service.ts";
import { startSageMaker } from "#local/sagemaker/start-sagemaker.ts";
import { fireSchedule } from "#local/schedules/fire-schedule.ts";
import { ScheduleRunner } from "#local/schedules/schedule-runner.ts";
import { StartupError } from "#local/startup-error.ts";
import { prepareDataDirectory } from "#local/state/data-directory.ts";
import { openDurableState } from "#local/state/durable-state.ts";
import { startStepFunctions } from "#local/step-functions/start-step-functions.ts";
import { Checkpoints } from "#local/streams/checkpoints.ts";
import { StreamDelivery } from "#local/streams/stream-delivery.ts";
import { AccessLogDelivery } from "#local/telemetry/access-log-delivery.ts";

/**
 * Brings up the whole system on this machine: engines, gateway, functions, state machines, schedules, model, edge. Resolves once it
 * serves; the clock stands still until `letTimePass`. Whatever fails on the way, what was started is stopped again.
 *
 * @throws StartupError with one clear line
 */
export async function startCloud(options: LocalCloudOptions): Promise<ObservableCloud> {
	await using started = new AsyncDisposableStack();
	const cloud = await bringUp(options, started);
	const running = started.move();
	return { ...cloud, stop: () => running.disposeAsync() };
}

/** Each part in the order in which the next one needs it; `stack` stops them in the reverse order. */
async function bringUp(options: LocalCloudOptions, stack: AsyncDisposableStack): Promise<Omit<ObservableCloud, "stop">> {
	const { regions, dataDir, seed, log = () => {} } = options;
	const controlRegion = options.controlRegion ?? regions[0];
	if (controlRegion === undefined) throw new StartupError("no-region", "no region is named, name at least one, for example eu-west-1");
	prepareDataDirectory(dataDir);
	const state = openDurableState(dataDir);
	stack.defer(() => state.close());

	const onError = (label: string, error: unknown): void => log(`${label} failed: ${error instanceof Error ? error.stack : String(error)}`);
	const { clock, time } = openClock({ speed: options.speed, startMs: options.startMs, space: state.space<number>("clock"), onError });
	stack.defer(() => clock.stop());
	const standstill = clock.begin("start of the cloud");
	const network = new VirtualNetwork(clock, createRttTable(regions, options.rttMatrix));
	const callers = new Callers();
	const lambda: LambdaHost = { invoke: (call) => sandboxes.invoke(call) };

	const deployment = localDeployment(options, controlRegion);
	const access = new AccessControl(deployment, recorderOf(deployment, process.env));
	const functionUrls = await startFunctionUrls({ regions, lambda, clock, network, callers, access, log });
	stack.defer(() => functionUrls.stop());
	const checkpoints = new Checkpoints(state);
	const consumed = (region: RegionId, table: TableName): number | undefined => checkpoints.consumed(region, table);
	const files = new BucketFiles(join(dataDir, "buckets"));
	const models = startSageMaker({ endpointName: MODEL_ENDPOINT, dataDir, files, clock, state, log });
	stack.defer(() => models.stop());
	const [engines, bundles] = await settled([
		startEngines({ regions, controlRegion, stage: STAGE, dataDir, log, consumed }).then((started) => {
			stack.defer(() => started.stop());
			return started;
		}),
		bundleFunctions(join(dataDir, "functions"), edgeConfigOf(deployment, functionUrls.origins)),
	]);

	await seedDataPlanes({ engine: engines.client, regions, stage: STAGE, urlOf: functionUrls.urlOf });
	const shared = { clock, regions, controlRegion, state, log };
	const replicator = new GlobalTableReplicator({ ...shared, network, engine: engines.client, ...delayOf(options) });
	const streams = new StreamDelivery({ ...shared, engine: engines.client, host: lambda, stage: STAGE });
	const crashes = new StageCrashes({ crash: (caller) => sandboxes.crash(caller), isWrite });
	const steps = await startStepFunctions({ clock, time, lambda, controlRegion, stage: STAGE, space: state.space("executions") });
	stack.defer(() => steps.stop());
	const dynamodb = dynamodbService({
		engines,
		regions,
		stage: STAGE,
		globalWrites: replicator,
		onWrite: (region, table) => streams.notify(region, table),
	});
	const services = [crashes.guard(dynamodb), steps.service, models.service, s3Service(files, [deployment.featuresBucket])];
	const gateway = await startGateway({ clock, network, callers, services, access, log, seed });
	stack.defer(() => gateway.stop());
	const sandboxes = new SandboxHost({ deployment, bundles, clock, time, callers, endpointUrl: gateway.url, seed, log });
	stack.defer(() => sandboxes.stop());

	await replicator.start();
	stack.defer(() => replicator.stop());
	streams.start();
	stack.defer(() => streams.stop());
	const accessLog = new AccessLogDelivery({ clock, lambda, controlRegion, space: state.space("access-log"), log });
	accessLog.start();
	stack.defer(() => accessLog.stop());
	const fire = fireSchedule({ steps: steps.service, clock, lambda, regions, controlRegion, stage: STAGE, log });
	const schedules = new ScheduleRunner({ schedules: SCHEDULES, clock, controlRegion, fire, log });
	schedules.start();
	// On AWS executions outlive any host; here recovery takes the place of that, at once.
	if (steps.aborted > 0) schedules.fireNow("reconcile");
	stack.defer(() => schedules.stop());

	const token = adminToken(dataDir, process.env);
	const chaos = chaosTargets({ clock, network, regions, engines, gateway, replicator, crashes });
	const front = await startFront({
		port: options.port,
		clock,
		network,
		lambda,
		regions,
		origins: functionUrls.origins,
		onAccess: (record) => accessLog.accept(toLogLine(record)),
		routes: [...adminRoutes({ clock, lambda, controlRegion, token, chaos }), consoleRoute()],
		log,
	});
	stack.defer(() => front.stop());
	writeFileSync(join(dataDir, "endpoint"), `${front.url}\n`);
	return {
		url: front.url,
		adminToken: token,
		clock,
		network,
		deployment,
		letTimePass: () => standstill.end(),
		callLog: () => access.calls(),
	};
}

/** As `Promise.all`, but nothing is still at work when it rejects: what failed to start removes the directory that the rest writes to. */
async function settled<T extends readonly Promise<unknown>[]>(parts: readonly [...T]): Promise<{ [K in keyof T]: Awaited<T[K]> }> {
	await Promise.allSettled(parts);
	return Promise.all(parts);
}

const delayOf = ({ metadataDelayMs }: LocalCloudOptions): { delayMs?: number } =>
	metadataDelayMs === undefined ? {} : { delayMs: metadataDelayMs };
