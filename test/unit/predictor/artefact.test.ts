import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { artefactJsonSchema, BUILT_IN, type ModelArtefact } from "#predictor/models/artefact.ts";
import { DEFAULT_ARTEFACT } from "#predictor/models/default-artefact.ts";
import { ARTEFACT_FILE, InvalidArtefactError, loadArtefact } from "#predictor/serving/load-model.ts";

const dir = mkdtempSync(join(tmpdir(), "heliotrope-artefact-"));
afterAll(() => rmSync(dir, { recursive: true }));

const load = (content: string): ModelArtefact => {
	writeFileSync(join(dir, ARTEFACT_FILE), content);
	return loadArtefact(dir);
};
const trained = { from: "2024-01-01T00:00:00Z", to: "2024-03-01T00:00:00Z", accesses: 10, partitions: 2, windows: { 6: 4, 168: 2 } };
const metrics = { 6: { windows: 4, logLoss: 0.9, brier: 0.5, ece: 0.03 } };

const { windows, features, ...rest } = DEFAULT_ARTEFACT;
const six = windows[6] ?? (undefined as never);
const withParameters = (changed: object): string => JSON.stringify({ ...BUILT_IN, parameters: { ...DEFAULT_ARTEFACT, ...changed } });
const withSix = (changed: object): string => withParameters({ windows: { ...windows, 6: { ...six, ...changed } } });

describe("a model artefact", () => {
	it("that is not in a directory that holds something else is not taken for the built-in one", () => {
		const other = mkdtempSync(join(tmpdir(), "heliotrope-artefact-"));
		expect(loadArtefact(other)).toEqual(BUILT_IN);
		writeFileSync(join(other, "weights.bin"), "");
		expect(() => loadArtefact(other)).toThrow(`${other} is no model this release can serve: there is no model.json in it`);
		rmSync(other, { recursive: true });
	});

	it("is the built-in one where a directory has none, else what the file says", () => {
		expect(loadArtefact(join(dir, "nothing-here"))).toEqual(BUILT_IN);
		const full: ModelArtefact = { ...BUILT_IN, name: "candidate-1", trained, metrics, baselines: { persistence: metrics } };
		expect(load(JSON.stringify(full))).toEqual(full);
	});

	it.each([
		["is not JSON", "weights", "it is not JSON"],
		["is another file", "[]", "no artefact of Heliotrope"],
		["is bare parameters", JSON.stringify(DEFAULT_ARTEFACT), "no artefact of Heliotrope"],
		[
			"is of an earlier format",
			JSON.stringify({ ...BUILT_IN, formatVersion: 1 }),
			"format version 1, this release reads version 2; train it again",
		],
		["is of a later format", JSON.stringify({ ...BUILT_IN, formatVersion: 3 }), "format version 3, this release reads version 2"],
		["has the weights of seven experts", JSON.stringify({ ...BUILT_IN, parameters: { ...DEFAULT_ARTEFACT, version: 1 } }), "version"],
		[
			"has other contexts",
			JSON.stringify({ ...BUILT_IN, parameters: { ...DEFAULT_ARTEFACT, contextBoundsHours: [1, 2, 3] } }),
			"contextBoundsHours",
		],
		["has parameters of another version", JSON.stringify({ ...BUILT_IN, parameters: { ...DEFAULT_ARTEFACT, version: 99 } }), "version"],
		[
			"names other experts",
			JSON.stringify({ ...BUILT_IN, parameters: { ...DEFAULT_ARTEFACT, experts: [...DEFAULT_ARTEFACT.experts].reverse() } }),
			"experts",
		],
		[
			"lacks a window that deployments ask for",
			withParameters({ windows: { 6: six, 24: six } }),
			"must have the windows of this release: 6, 24, 168 hours",
		],
		["has exponents that make no number", withSix({ log: six.log.map((row) => row.map(() => 1e300)) }), "log"],
		["has volumes that make no number", withSix({ volume: { ...six.volume, weights: six.volume.weights.map(() => -1e300) } }), "weights"],
		["has a calibration that makes no number", withSix({ calibration: six.calibration.map(() => 1e308) }), "calibration"],
		["does not say what it was fitted to", JSON.stringify({ ...BUILT_IN, parameters: { ...rest, windows } }), "features"],
		[
			"was fitted to states of another version",
			withParameters({ features: { ...features, stateVersion: 99 } }),
			"its weights were fitted to stateVersion 99, this release has",
		],
		[
			"was fitted to other half-lives",
			withParameters({ features: { ...features, partitionHalfLivesHours: [24, 48] } }),
			"its weights were fitted to partitionHalfLivesHours [24,48], this release has",
		],
		["was fitted to more", withParameters({ features: { ...features, moon: 1 } }), "fitted to moon 1, this release has none"],
		["is of an unknown model", JSON.stringify({ ...BUILT_IN, parameters: { model: "oracle", version: 1 } }), "parameters"],
		["has a field it should not have", JSON.stringify({ ...BUILT_IN, colour: "red" }), "colour"],
		["has a name that cannot name a job", JSON.stringify({ ...BUILT_IN, name: "a b" }), "name"],
		["was trained backwards", JSON.stringify({ ...BUILT_IN, trained: { ...trained, from: trained.to, to: trained.from } }), "span"],
		["has metrics that are none", JSON.stringify({ ...BUILT_IN, metrics: { 6: { ...metrics[6], brier: 3 } } }), "brier"],
		["has a window that is none", JSON.stringify({ ...BUILT_IN, metrics: { "6h": metrics[6] } }), "6h"],
	])("that %s is refused in one line that says why", (_, content, why) => {
		expect(() => load(content)).toThrow(InvalidArtefactError);
		expect(() => load(content)).toThrow(why);
		expect(() => load(content)).toThrow(/^[^\n]*$/);
	});
});

it("has the JSON Schema that is published (`npm run artefact-schema` makes it again)", () => {
	const published: unknown = JSON.parse(readFileSync(new URL("../../../docs/model-artefact.schema.json", import.meta.url), "utf8"));
	expect(published).toEqual(JSON.parse(JSON.stringify(artefactJsonSchema())));
});
