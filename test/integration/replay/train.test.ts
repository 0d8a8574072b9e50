import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { evaluate, train } from "#cli/train/train.ts";
import { parseEvaluateOptions, parseTrainOptions } from "#cli/train/train-options.ts";
import { UsageError } from "#cli/usage-error.ts";
import { logFiles } from "#test/unit/replay/readers/log-files.ts";

const { logFile, logFolder } = logFiles();

const HOUR_MS = 3_600_000;
const regions = "us-east-1,eu-central-1,ap-northeast-1";

/** A tenant by day in Germany and by night in Japan, an access an hour. */
const log = (days: number): string =>
	[
		"ts,partition,country",
		...Array.from({ length: days * 24 }, (_, hour) => `${Date.UTC(2024, 0) + hour * HOUR_MS},acme,${hour % 24 < 12 ? "JP" : "DE"}`),
	].join("\n");

function output() {
	const texts = { out: "", tell: "" };
	const into = (name: keyof typeof texts) => ({
		write: (part: string | Uint8Array) => {
			texts[name] += part;
			return true;
		},
	});
	return { texts, to: { out: into("out"), tell: into("tell") } };
}

describe("train and evaluate", () => {
	it("a model that was trained is scored as well as the one it replaces is", async () => {
		const [trace, out] = [[logFile(log(60))], logFolder({})];
		const trained = output();
		expect(await train(parseTrainOptions({ trace, regions, out, heldOut: "14" }), trained.to)).toBe(0);
		expect(trained.texts.out).toMatch(/6h +trained .*\n6h +built-in /);
		const { metrics, name } = JSON.parse(readFileSync(join(out, "model.json"), "utf8"));
		expect(name).toBe("trained");
		const json = join(out, "scores.json");
		const scored = output();
		expect(await evaluate(parseEvaluateOptions({ trace, regions, model: out, json }), scored.to)).toBe(0);
		const { scores, current } = JSON.parse(readFileSync(json, "utf8"));
		expect(scored.texts.out).toMatch(/^scored from 2024-02-16 on: the model "trained" learnt from accesses until then$/m);
		expect(Object.keys(scores)).toEqual(Object.keys(metrics));
		expect(scores["6"].logLoss).toBeLessThan(current.scores["6"].logLoss);
	});

	it("say how many rows were used and why others were not", async () => {
		const trace = [logFile(`${log(60)}\nyesterday,acme,DE`)];
		const [trained, scored] = [output(), output()];
		expect(await train(parseTrainOptions({ trace, regions, out: logFolder({}), heldOut: "14" }), trained.to)).toBe(0);
		expect(await evaluate(parseEvaluateOptions({ trace, regions }), scored.to)).toBe(0);
		for (const { texts } of [trained, scored]) expect(texts.out).toContain("1,440 rows used, 1 skipped: bad-time 1\n");
	});

	it("say in one line what cannot be used, and leave nothing behind", async () => {
		const out = join(logFolder({}), "model");
		const short = output();
		expect(await train(parseTrainOptions({ trace: [logFile(log(5))], regions, out }), short.to)).toBe(2);
		expect(short.texts.tell).toMatch(/heliotrope: the log spans 5\.0 days; [^\n]*\n$/);
		expect(existsSync(out)).toBe(false);
	});

	it("refuse a log of one region, which has nothing to forecast", async () => {
		const trace = [logFile(log(60).replaceAll(",JP", ",DE"))];
		const [trained, scored] = [output(), output()];
		expect(await train(parseTrainOptions({ trace, regions, out: logFolder({}) }), trained.to)).toBe(2);
		expect(await evaluate(parseEvaluateOptions({ trace, regions }), scored.to)).toBe(2);
		for (const { texts } of [trained, scored]) expect(texts.tell).toMatch(/heliotrope: all accesses come from one region/);
	});

	it("evaluate scores a model of the registry by its name", async () => {
		const { texts, to } = output();
		expect(await evaluate(parseEvaluateOptions({ trace: [logFile(log(60))], regions, model: "persistence" }), to)).toBe(0);
		expect(texts.out).toMatch(/6h +persistence .*\n6h +built-in /);
	});

	it("train ends with what a retraining would think of the model, and on how much that rests", async () => {
		const { texts, to } = output();
		expect(await train(parseTrainOptions({ trace: [logFile(log(60))], regions, out: logFolder({}), heldOut: "14" }), to)).toBe(0);
		expect(texts.out.replaceAll(/\s+/g, " ")).toMatch(
			/The model is not judged, too little was held out to say .*: \d+ windows in horizons that have enough, with 336 accesses were held out, 50 with 500 are needed\. $/,
		);
	});

	it.each(["/proc/x/model", "package.json/model", "package.json"])("train finds before it works that %s cannot be written to", (out) => {
		expect(() => parseTrainOptions({ trace: ["a"], out })).toThrow(UsageError);
		expect(() => parseTrainOptions({ trace: ["a"], out })).toThrow(/^--out .* is not a directory that can be written to$/);
	});

	it("need to know where the model goes", () => {
		expect(() => parseTrainOptions({ trace: ["a"] })).toThrow(UsageError);
		expect(() => parseTrainOptions({ trace: ["a"] })).toThrow(/--out DIR/);
	});
});
