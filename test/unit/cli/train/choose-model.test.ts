import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { chooseModel } from "#cli/train/choose-model.ts";
import { UsageError } from "#cli/usage-error.ts";
import { BUILT_IN } from "#predictor/models/artefact.ts";
import { logFiles } from "#test/unit/replay/readers/log-files.ts";

const { logFolder } = logFiles();
const mine = { ...BUILT_IN, name: "mine" };
const { "24": _, ...windows } = BUILT_IN.parameters.model === "pool" ? BUILT_IN.parameters.windows : {};

describe("--model", () => {
	it("names a model of the registry, a directory or a file", () => {
		const dir = logFolder({ "model.json": JSON.stringify(mine) });
		expect(["pool", "ewma", "persistence"].map((name) => chooseModel(name).parameters.model)).toEqual(["pool", "ewma", "persistence"]);
		expect(["ewma", "persistence"].map((name) => chooseModel(name).name)).toEqual(["ewma", "persistence"]);
		expect(chooseModel("pool")).toBe(BUILT_IN);
		for (const place of [dir, join(dir, "model.json")]) expect(chooseModel(place)).toEqual(mine);
	});

	it.each([
		["nothing", "/nowhere/model", /^--model "\/nowhere\/model" is not there; give a directory that train wrote, its model\.json, or pool/],
		["what every object has", "toString", /^--model "toString" is not there/],
		["a directory without one", logFolder({}), /there is no model\.json in it/],
		["something else", logFolder({ "model.json": "{}" }), /model\.json is no model this release can serve: it is no artefact/],
		["text", logFolder({ "model.json": "x" }), /it is not JSON/],
	])("that names %s is told in one line", (_, place, message) => {
		expect(() => chooseModel(place)).toThrow(UsageError);
		expect(() => chooseModel(place)).toThrow(message);
	});

	it("has to forecast every window", () => {
		const dir = logFolder({ "model.json": JSON.stringify({ ...mine, parameters: { ...mine.parameters, windows } }) });
		expect(() => chooseModel(dir)).toThrow(/must have the windows of this release: 6, 24, 168 hours/);
	});
});
