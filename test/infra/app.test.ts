import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { temporaryDirectory } from "#infra/constructs/temporary-directory.ts";

const directory = mkdtempSync(join(tmpdir(), "heliotrope-app-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const GOOD = { stage: "try", regions: ["us-east-1"], controlRegion: "us-east-1", model: { endpoint: { kind: "serverless" } } };

/** Runs the application as `cdk` does, with no credentials in reach. */
function synthesize(settings: unknown, more: Readonly<Record<string, unknown>> = {}) {
	const file = join(directory, "settings.json");
	writeFileSync(file, JSON.stringify(settings));
	const outdir = mkdtempSync(join(directory, "out-"));
	const context = { settings: file, ...more };
	const env = {
		PATH: "/nowhere",
		HOME: directory,
		CDK_OUTDIR: outdir,
		CDK_CONTEXT_JSON: JSON.stringify(context),
		NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
	};
	const { status, stderr } = spawnSync(process.execPath, ["infra/app.ts"], { env, encoding: "utf8" });
	return { status, stderr, stacks: readdirSync(outdir).filter((name) => name.endsWith(".template.json")) };
}

test("what would lose data is said in a few lines, each with the field and the fix, and nothing is synthesised", () => {
	const outputs = join(directory, "outputs.json");
	const layout = { format: 1, controlRegion: "eu-west-1", regions: ["us-east-1", "eu-west-1"], tables: {} };
	writeFileSync(outputs, JSON.stringify({ "heliotrope-try-metadata": { Layout: JSON.stringify(layout) } }));
	const { status, stderr, stacks } = synthesize(GOOD, { outputs });
	expect([status, stacks]).toEqual([1, []]);
	const lines = stderr.trimEnd().split("\n");
	expect(lines[0]).toBe("The settings cannot be used:");
	expect(lines[1]).toContain("controlRegion: is eu-west-1");
	expect(lines[2]).toContain("regions: eu-west-1 is gone and its copies with it");
	expect(lines).toHaveLength(4);
});

test("where no deployment is recorded it is said how one is, before the synthesis goes on: here to what Lambda does not take", () => {
	const residency = Array.from({ length: 80 }, (_, n) => ({ partitions: `tenant-${n}-*`, regions: ["us-east-1"] }));
	const { status, stderr, stacks } = synthesize({ ...GOOD, residency }, { "aws:cdk:bundling-stacks": [] });
	expect([status, stacks]).toEqual([1, []]);
	const lines = stderr.trimEnd().split("\n");
	expect(lines[0]).toMatch(/^Nothing was compared: deployed\/try\.json records no deployment/);
	expect(lines[1]).toContain("Deploy with --all --outputs-file deployed/try.json");
	expect(lines.slice(2)).toEqual(["The settings cannot be used:", expect.stringMatching(/^ {2}residency: takes \d+ of the 4096 bytes/)]);
});

test("however many functions are bundled, one listener takes their directories away", () => {
	const before = process.listenerCount("exit");
	for (let count = 0; count < 12; count++) temporaryDirectory("heliotrope-app-test-");
	expect(process.listenerCount("exit") - before).toBeLessThanOrEqual(1);
});
