import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { regionId } from "#domain/geography/region-id.ts";
import { VirtualClock } from "#local/clock/virtual-clock.ts";
import type { AwsReply } from "#local/gateway/aws-service.ts";
import { BucketFiles } from "#local/s3/bucket-files.ts";
import { startSageMaker } from "#local/sagemaker/start-sagemaker.ts";
import { openDurableState } from "#local/state/durable-state.ts";
import { ARTEFACT_FILE } from "#predictor/serving/load-model.ts";

let dataDir: string;
let lines: string[];
let sagemaker: ReturnType<typeof startSageMaker>;
let close: () => Promise<void>;

beforeEach(() => {
	dataDir = mkdtempSync(join(tmpdir(), "heliotrope-endpoint-"));
	lines = [];
	const state = openDurableState(dataDir);
	const clock = new VirtualClock({ startMs: 0, speed: Number.POSITIVE_INFINITY });
	const log = (line: string) => void lines.push(line);
	sagemaker = startSageMaker({ endpointName: "model", dataDir, files: new BucketFiles(join(dataDir, "buckets")), clock, state, log });
	close = async () => {
		await sagemaker.stop();
		clock.stop();
		state.close();
	};
});
afterEach(() => close());

const invoke = (name: string): Promise<AwsReply> =>
	sagemaker.service.handle({
		region: regionId("us-east-1"),
		caller: undefined,
		activity: { id: "test", sleep: async () => {}, during: (work) => work(), end: () => {} },
		operation: undefined,
		method: "POST",
		path: `/endpoints/${name}/invocations`,
		headers: { "content-type": "application/json" },
		body: Buffer.from("{}"),
	});
const readyLines = () => lines.filter((line) => line.includes("ready on port"));

test("the model process starts with the first call, once for all that come meanwhile", async () => {
	expect(await invoke("another")).toMatchObject({ status: 400 });
	expect(lines).toEqual([]);
	// the model refuses a request that says nothing, which a process has to tell it
	const answers = await Promise.all([invoke("model"), invoke("model")]);
	expect(answers.map(({ status }) => status)).toEqual([424, 424]);
	expect(await invoke("model")).toMatchObject({ status: 424 });
	expect(readyLines()).toHaveLength(1);
});

test("a model that does not come up is a service that is not there, until it does", async () => {
	mkdirSync(join(dataDir, "model"));
	const artefact = join(dataDir, "model", ARTEFACT_FILE);
	writeFileSync(artefact, "nonsense");
	const refused = await invoke("model");
	expect([refused.status, JSON.parse(String(refused.body)).__type]).toEqual([503, "ServiceUnavailable"]);
	expect(lines.join("\n")).toContain("the model process did not come up");
	rmSync(artefact);
	expect(await invoke("model")).toMatchObject({ status: 424 });
	expect(readyLines()).toHaveLength(1);
});
