import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DescribeEndpointConfigCommand, DescribeModelCommand, SageMakerClient, UpdateEndpointCommand } from "@aws-sdk/client-sagemaker";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { StateMachine } from "aws-local-stepfunctions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAccessCounts } from "#adapters/dynamodb/access-counts.ts";
import { createModelRegistry } from "#adapters/dynamodb/model-registry.ts";
import { regionId } from "#domain/geography/region-id.ts";
import { createRttTable } from "#domain/geography/round-trip-time.ts";
import { HOUR_MS } from "#domain/prediction/hours.ts";
import { FUNCTIONS } from "#infra/description/functions.ts";
import { TableName, tableName } from "#infra/description/tables.ts";
import { RUNTIME_SLOT } from "#lambdas/shared/runtime.ts";
import { openClock } from "#local/clock/open-clock.ts";
import { localDeployment } from "#local/deployment.ts";
import { EngineClient } from "#local/engines/engine-client.ts";
import { AccessControl } from "#local/gateway/access-control.ts";
import { Callers } from "#local/gateway/callers.ts";
import { dynamodbService } from "#local/gateway/dynamodb-service.ts";
import { type Gateway, startGateway } from "#local/gateway/gateway.ts";
import { recorderOf } from "#local/gateway/record-calls.ts";
import { VirtualNetwork } from "#local/network/virtual-network.ts";
import { BucketFiles } from "#local/s3/bucket-files.ts";
import { s3Service } from "#local/s3/s3-service.ts";
import { INITIAL } from "#local/sagemaker/endpoint.ts";
import { startSageMaker } from "#local/sagemaker/start-sagemaker.ts";
import { type DurableState, openDurableState } from "#local/state/durable-state.ts";
import { engineAvailable, startEngine, type TestEngine } from "#test/__helpers__/engine.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";

const REGIONS = ["us-east-1", "eu-west-1", "ap-northeast-1"].map(regionId);
const [HOME = regionId("us-east-1")] = REGIONS;
const DEPLOYMENT = { ...localDeployment({ regions: REGIONS }, HOME), modelEndpointName: "model" };
const BUCKET = DEPLOYMENT.featuresBucket;
const [TELEMETRY, PREDICTIONS] = [TableName.Telemetry, TableName.Predictions].map((name) => tableName(DEPLOYMENT.stage, name)) as [
	string,
	string,
];
/** A Monday. */
const START_MS = Date.parse("2024-03-04T00:00:00Z");
const DAY_MS = 24 * HOUR_MS;

interface Handlers {
	readonly [name: string]: (input: unknown) => Promise<unknown>;
}

describe.skipIf(!engineAvailable)("a run of the train state machine on a real engine, with jobs as real processes", () => {
	let engine: TestEngine;
	let gateway: Gateway;
	let sagemaker: Awaited<ReturnType<typeof startSageMaker>>;
	let state: DurableState;
	let client: EngineClient;
	let handlers: Handlers;
	const dir = mkdtempSync(join(tmpdir(), "heliotrope-train-"));
	const files = new BucketFiles(join(dir, "buckets"));
	const clock = new ManualClock(START_MS);
	/** Signs for the function that runs: one at a time, as their roles on AWS would have it. */
	const callers = new Callers();
	const caller = callers.issue(HOME, "");
	const access = new AccessControl(DEPLOYMENT, recorderOf(DEPLOYMENT, process.env));
	const table = (tableName: string) => ({ client: DynamoDBDocumentClient.from(engine.client()), tableName, clock });

	beforeAll(async () => {
		engine = await startEngine();
		for (const name of [TELEMETRY, PREDICTIONS]) await engine.createTable(name);
		state = openDurableState(dir);
		const { clock: wall } = openClock({ speed: 1, startMs: START_MS, space: state.space<number>("clock"), onError: () => {} });
		sagemaker = await startSageMaker({ endpointName: "model", dataDir: dir, files, clock: wall, state, log: () => {} });
		client = new EngineClient(() => engine.endpoint);
		const dynamodb = dynamodbService({ engines: { client }, regions: REGIONS, stage: DEPLOYMENT.stage });
		const services = [sagemaker.service, s3Service(files, [BUCKET]), dynamodb];
		const network = new VirtualNetwork(wall, createRttTable(REGIONS));
		gateway = await startGateway({ clock: wall, network, callers, services, access, log: () => {} });
		Object.assign(process.env, {
			AWS_REGION: HOME,
			AWS_ACCESS_KEY_ID: caller.accessKeyId,
			AWS_SECRET_ACCESS_KEY: caller.secretAccessKey,
			AWS_ENDPOINT_URL: gateway.url,
			STAGE: DEPLOYMENT.stage,
			REGIONS: REGIONS.join(","),
			CONTROL_REGION: HOME,
			TELEMETRY_TABLE: TELEMETRY,
			PREDICTIONS_TABLE: PREDICTIONS,
			FEATURES_BUCKET: BUCKET,
			MODEL_ENDPOINT_NAME: "model",
			TRAINING_ROLE_ARN: DEPLOYMENT.trainingRoleArn,
			TRAINING_INSTANCE: "ml.local",
			RESOURCE_TAGS: JSON.stringify(DEPLOYMENT.tags),
			RTT_MATRIX: "",
		});
		(globalThis as Record<symbol, unknown>)[RUNTIME_SLOT] = { clock, random: { next: () => 0.5, id: () => "a".repeat(26) } };
		const all = (await import("#lambdas/train-model/handler.ts")) as unknown as Handlers;
		handlers = Object.fromEntries(Object.entries(all).map(([name, handle]) => [name, as(name, handle)]));
	});
	afterAll(async () => {
		delete (globalThis as Record<symbol, unknown>)[RUNTIME_SLOT];
		await Promise.all([engine.stop(), gateway.stop(), sagemaker.stop()]);
		client.close();
		state.close();
		rmSync(dir, { recursive: true, force: true });
	});

	const as = (handler: string, handle: Handlers[string]) => (input: unknown) => {
		caller.name = FUNCTIONS.find((one) => one.handler === handler && one.entry.includes("train-model"))?.name ?? "";
		return handle?.(input) ?? Promise.reject(new TypeError(`${handler} is not there`));
	};

	/** Offices that follow the sun, eight hours each, every day alike; or one office that never sleeps. */
	async function count(fromDay: number, days: number, sun = true): Promise<void> {
		const counts = createAccessCounts(table(TELEMETRY));
		for (let index = 0; index < days * 6; index += 1) {
			const hourMs = START_MS + fromDay * DAY_MS + index * 4 * HOUR_MS;
			const region = (sun ? REGIONS[Math.floor(((index % 6) * 4) / 8)] : undefined) ?? HOME;
			const hour = hourMs / HOUR_MS;
			const totals = [0, 1, 2, 3, 4].map((name) => ({ hour, partition: `acme:p${name}`, region, segment: 'office, "main"', count: 5 }));
			await counts.addOnce(`${hour}`, totals, hourMs + HOUR_MS / 2);
		}
	}

	const definition = JSON.parse(
		readFileSync("state-machines/train.asl.json", "utf8").replaceAll(/\$\{(\w+)\}/g, "arn:aws:lambda:us-east-1:000000000000:function:$1"),
	);
	/** One execution of the real definition; `overrides` replaces some handlers, to make them fail. */
	async function run(day: number, overrides: Handlers = {}) {
		const scheduledMs = START_MS + day * DAY_MS + 3 * HOUR_MS;
		clock.advance(scheduledMs - clock.nowMs());
		const named = Object.fromEntries(
			Object.entries(handlers).map(([name, handle]) => [name.slice(0, 1).toUpperCase() + name.slice(1), handle]),
		);
		return new StateMachine(definition).run(
			{ scheduledTime: new Date(scheduledMs).toISOString() },
			{
				overrides: {
					taskResourceLocalHandlers: { ...named, ...overrides } as never,
					waitTimeOverrides: { WaitForTraining: 100, WaitForEndpoint: 10 },
				},
			},
		).result;
	}

	/** Whoever deploys: no function. */
	const operator = () =>
		new SageMakerClient({ region: HOME, endpoint: gateway.url, credentials: { accessKeyId: "operator", secretAccessKey: "none" } });
	const deployRelease = () => operator().send(new UpdateEndpointCommand({ EndpointName: "model", EndpointConfigName: INITIAL }));
	const servedConfig = () => state.space<string>("sagemaker-endpoint").get("config") ?? "";
	async function archiveOf(EndpointConfigName: string): Promise<string | undefined> {
		const { ProductionVariants } = await operator().send(new DescribeEndpointConfigCommand({ EndpointConfigName }));
		const { PrimaryContainer } = await operator().send(new DescribeModelCommand({ ModelName: ProductionVariants?.[0]?.ModelName }));
		return PrimaryContainer?.ModelDataUrl;
	}

	const registry = () => createModelRegistry(table(PREDICTIONS));
	const verdicts = () => registry().list(10);

	it("says what is missing while there is too little to learn from", async () => {
		await run(0);
		await count(0, 7);
		await run(7);
		expect(await verdicts()).toMatchObject([
			{ outcome: "not-trained", reason: "too-few-accesses", why: "there are 7 days of accesses, 16 are needed", inUse: "built-in" },
			{ outcome: "not-trained" },
		]);
		expect(files.list(BUCKET, "counts/")).toHaveLength(7);
	});

	it("trains, judges and promotes a candidate that wins; the endpoint then serves it", async () => {
		await count(7, 21);
		await run(28);
		const [verdict] = await verdicts();
		expect(verdict).toMatchObject({ outcome: "promoted", reason: "better", name: "heliotrope-local-train-20240401-0300" });
		expect(verdict?.inUse).toBe(verdict?.name);
		expect(verdict?.evaluation?.candidate["6"]?.logLoss).toBeLessThan(verdict?.evaluation?.current.scores["6"]?.logLoss ?? 0);
		expect(await registry().readInUse()).toMatchObject({ name: verdict?.name, artefactKey: `jobs/${verdict?.name}/output/model.tar.gz` });
		expect(state.space<string>("sagemaker-endpoint").get("config")).toBe(verdict?.name);
	});

	it("changes nothing when a run is repeated", async () => {
		const before = await registry().readProgress();
		await run(28);
		expect(await registry().readProgress()).toEqual(before);
		expect((await verdicts())[0]).toMatchObject({ outcome: "not-trained", why: "0 accesses since the last candidate, 1000 are needed" });
	});

	it("keeps the model in use when the next candidate does not beat it, and says why", async () => {
		await count(28, 7, false);
		await run(35);
		const [verdict] = await verdicts();
		expect(verdict).toMatchObject({ outcome: "kept", reason: "not-better-than-current", inUse: "heliotrope-local-train-20240401-0300" });
		expect(verdict?.why).toMatch(/^log-loss \d\.\d+ against \d\.\d+ of heliotrope-local-train-20240401-0300, which stays$/);
		expect(verdict?.evaluation?.heldOut.from).toBe("2024-03-31T00:00:00Z");
	});

	it("serves the model in use again where a deployment has put the release's in its place, before it trains", async () => {
		const { name, artefactKey } = (await registry().readInUse()) ?? {};
		await deployRelease();
		await run(35.1);
		const served = servedConfig();
		expect(served).toMatch(new RegExp(`^${name}-[0-9a-f]{8}$`));
		expect(await archiveOf(served)).toBe(`s3://${BUCKET}/${artefactKey}`);
		expect((await verdicts())[0]).toMatchObject({ outcome: "not-trained", inUse: name });
		// Served already: nothing to do. After another deployment of the same: what was made the last time is there.
		await run(35.2);
		expect(servedConfig()).toBe(served);
		await deployRelease();
		await run(35.3);
		expect(servedConfig()).toBe(served);
	});

	it("trains where the model in use cannot be served again", async () => {
		await run(35.4, { RestoreModel: () => Promise.reject(new Error("no endpoint")) });
		expect((await verdicts())[0]).toMatchObject({ outcome: "not-trained" });
	});

	it("records what a job that failed has said, and keeps the model in use", async () => {
		await count(35, 7);
		const spoil: Handlers = {
			StartTraining: async (input) => {
				const { name } = input as { name: string };
				files.put(BUCKET, `sets/${name}/context.json`, Buffer.from("{"));
				return handlers["startTraining"]?.(input);
			},
		};
		await expect(run(42, spoil)).rejects.toThrow();
		expect((await verdicts())[0]).toMatchObject({
			outcome: "failed",
			reason: "training-failed",
			why: expect.stringMatching(/^AlgorithmError: .*context\.json is not JSON$/),
			inUse: "heliotrope-local-train-20240401-0300",
		});
	});

	it("records a step that failed, with its message", async () => {
		await expect(run(49, { PlanTraining: () => Promise.reject(new Error("no plan")) })).rejects.toThrow();
		expect((await verdicts())[0]).toMatchObject({ outcome: "failed", why: expect.stringContaining("no plan") });
	});

	it("asks of AWS nothing that the functions' roles do not allow", () => {
		const calls = access.calls();
		expect(calls.filter(({ allowed }) => !allowed)).toEqual([]);
		expect(new Set(calls.map(({ action }) => action))).toContain("iam:PassRole");
	});
});
