import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { evaluationSchema } from "#domain/prediction/training/evaluation.ts";
import { codeCache } from "#local/model/model-process.ts";
import { modelArtefactSchema } from "#predictor/models/artefact.ts";

const HOUR_MS = 3_600_000;

describe("the container's entry point `train`", () => {
	let prefix: string;
	beforeEach(() => {
		prefix = mkdtempSync(join(tmpdir(), "heliotrope-ml-"));
		for (const part of ["input/config", "input/data/train", "model", "output"]) mkdirSync(join(prefix, part), { recursive: true });
	});
	afterEach(() => rmSync(prefix, { recursive: true, force: true }));

	const start = (mlPrefix = prefix): ChildProcess =>
		spawn(process.execPath, ["predictor/container/main.ts", "train"], {
			env: { PATH: process.env["PATH"] ?? "", HELIOTROPE_ML_PREFIX: mlPrefix, ...codeCache() },
			stdio: ["ignore", "pipe", "pipe"],
		});
	async function run(): Promise<number | null> {
		const child = start();
		child.stdout?.resume();
		child.stderr?.resume();
		return ((await once(child, "close")) as [number | null])[0];
	}
	const ask = (hyperparameters: unknown) =>
		writeFileSync(join(prefix, "input/config/hyperparameters.json"), JSON.stringify(hyperparameters));
	const failure = () => readFileSync(join(prefix, "output/failure"), "utf8");
	const models = () => readdirSync(join(prefix, "model"));

	/** Four weeks of two partitions whose users follow the sun. */
	function giveLog(days = 28): void {
		const rows = Array.from({ length: days * 12 }, (_, index) => {
			const ts = new Date(Date.UTC(2024, 0, 1) + index * 2 * HOUR_MS).toISOString();
			const region = index % 12 < 6 ? "eu-west-1" : "us-east-1";
			return `${ts},a,${region},3\n${ts},b,${region},2`;
		});
		writeFileSync(join(prefix, "input/data/train/log.csv"), `ts,partition,region,count\n${rows.join("\n")}\n`);
	}

	it("writes an artefact with its span and metrics and an evaluation, the same for the same seed; killed before, it leaves no model", async () => {
		giveLog();
		ask({ regions: "eu-west-1,us-east-1", windows: "6,12,24,168", epochs: "2", seed: "7" });
		const killed = start();
		await once(killed.stdout ?? killed, "data");
		killed.kill("SIGKILL");
		await once(killed, "close");
		expect(models().filter((name) => name === "model.json" && !isWhole())).toEqual([]);
		expect(await run()).toBe(0);
		const artefact = modelArtefactSchema.parse(JSON.parse(readFileSync(join(prefix, "model/model.json"), "utf8")));
		expect(artefact.trained).toMatchObject({ from: "2024-01-01T00:00:00Z", to: "2024-01-22T00:00:00Z", partitions: 2 });
		expect(Object.keys(artefact.metrics ?? {})).toEqual(["6", "12", "24", "168"]);
		evaluationSchema.parse(JSON.parse(readFileSync(join(prefix, "model/evaluation.json"), "utf8")));
		const first = readFileSync(join(prefix, "model/model.json"), "utf8");
		expect(await run()).toBe(0);
		expect(readFileSync(join(prefix, "model/model.json"), "utf8")).toBe(first);
		expect(existsSync(join(prefix, "output/failure"))).toBe(false);
	});

	const isWhole = (): boolean => {
		try {
			return modelArtefactSchema.safeParse(JSON.parse(readFileSync(join(prefix, "model/model.json"), "utf8"))).success;
		} catch {
			return false;
		}
	};

	it.each<[string, () => void, RegExp]>([
		["an empty channel", () => {}, /holds no file; give access logs/],
		["numbers instead of strings", () => ask({ epochs: 8 }), /^hyperparameters: .*epochs/],
		["windows of no hours", () => ask({ windows: "0,6" }), /^hyperparameters: .*1 to 168 hours.*windows/],
		["windows beyond a week", () => ask({ windows: "6,200" }), /^hyperparameters: .*1 to 168 hours.*windows/],
		["windows of four digits", () => ask({ windows: "9999" }), /^hyperparameters: .*windows/],
		["a window twice", () => ask({ windows: "6,6" }), /^hyperparameters: .*each once.*windows/],
		["windows that a deployment could not use", () => ask({ windows: "6,24" }), /^hyperparameters: .*must have 6, 24, 168.*windows/],
		["an unknown hyperparameter", () => ask({ epoch: "8" }), /^hyperparameters: .*epoch/],
		["garbage in a channel", () => writeFileSync(join(prefix, "input/data/train/log.csv"), Buffer.from([0, 255, 1, 254])), /log\.csv/],
		["a log too short", () => giveLog(3), /the log spans 3\.0 days; .* need \d+/],
	])("says in one message what is wrong with %s, exit code 1", async (_, prepare, message) => {
		prepare();
		expect(await run()).toBe(1);
		expect(failure()).toMatch(message);
		expect(failure().trim().split("\n")).toHaveLength(1);
		expect(models()).toEqual([]);
	});

	it("leaves out of account what SageMaker adds to the hyperparameters", async () => {
		giveLog();
		ask({
			...{ regions: "eu-west-1,us-east-1", epochs: "1" },
			...{ sagemaker_program: "train.py", _tuning_objective_metric: "loss" },
		});
		expect(await run()).toBe(0);
	});

	it("told to stop, says so and leaves no model, with the exit code of the signal", async () => {
		giveLog(200);
		ask({ regions: "eu-west-1,us-east-1", epochs: "1000" });
		const child = start();
		child.stderr?.resume();
		await once(child.stdout ?? child, "data");
		child.kill("SIGTERM");
		expect(await once(child, "close")).toEqual([143, null]);
		expect(failure()).toBe("stopped by SIGTERM before there was a model");
		expect(models()).toEqual([]);
	});

	it("says in one line that there is nowhere to write a failure", async () => {
		const file = join(prefix, "no-directory");
		writeFileSync(file, "");
		const child = start(file);
		let said = "";
		child.stderr?.on("data", (data: Buffer) => {
			said += data.toString();
		});
		expect((await once(child, "close"))[0]).toBe(1);
		expect(said).toMatch(/^the channel .* holds no file.*; which cannot be written down: .*\n$/);
	});
});
