import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Template } from "aws-cdk-lib/assertions";
import { afterAll, describe, expect, test } from "vitest";
import { type Deploying, refuseLossesTo } from "#infra/deployed.ts";
import { TABLES, type TableDescription } from "#infra/description/tables.ts";
import { type Layout, layoutOf, recordedLayout, refuseLosses } from "#infra/layout.ts";
import { parseSettings, SettingsError, type SettingsInput } from "#infra/settings.ts";
import { composeStacks } from "#infra/stacks/compose-stacks.ts";
import { testApp } from "#test/infra/stacks/synthesized.ts";

const GOOD: SettingsInput = {
	stage: "prod",
	regions: ["us-east-1", "eu-west-1", "ap-northeast-1"],
	controlRegion: "us-east-1",
	account: "123456789012",
};
const settings = (change: Partial<SettingsInput> = {}) => parseSettings({ ...GOOD, ...change });
const deployed = layoutOf(settings());
const judge = (change: Partial<SettingsInput>, tables: readonly TableDescription[] = TABLES) => {
	const next = settings(change);
	refuseLosses(deployed, layoutOf(next, tables), next.retiredRegions);
};
const changed = (name: string, change: Partial<TableDescription>): readonly TableDescription[] =>
	TABLES.map((table) => (table.name === name ? { ...table, ...change } : table));

describe("settings after a deployment", () => {
	test.each([
		[{}, TABLES],
		[{ regions: [...GOOD.regions, "eu-north-1"] }, TABLES],
		[{ regions: ["us-east-1", "eu-west-1"], retiredRegions: ["ap-northeast-1"] }, TABLES],
		[{ regions: ["ap-northeast-1", "eu-west-1", "us-east-1"] }, TABLES],
		[{ protectData: false, budgets: { movesPerRun: 1 }, tags: { team: "a" } }, TABLES],
		[{}, changed("state", { indexes: [{ name: "byTime", partitionKey: "a", sortKey: "b" }] })],
	])("may change to %j", (change, tables) => {
		expect(() => judge(change, tables)).not.toThrow();
	});

	test.each([
		[{ controlRegion: "eu-west-1" }, TABLES, "controlRegion: is us-east-1"],
		[{ account: "210987654321" }, TABLES, "account: is deployed in 123456789012"],
		[{ regions: ["us-east-1", "eu-west-1"] }, TABLES, "regions: ap-northeast-1 is gone and its copies with it"],
		[{ regions: [...GOOD.regions, "eu-north-1", "sa-east-1"] }, TABLES, "one region a deployment"],
		[{ regions: ["us-east-1", "eu-west-1", "eu-north-1"], retiredRegions: ["ap-northeast-1"] }, TABLES, "change at once"],
		[{}, changed("data", { stream: "NEW_IMAGE" }), "table heliotrope-prod-data: would be replaced"],
		[{}, changed("metadata", { placement: "control" }), "table heliotrope-prod-metadata: would be replaced"],
		[
			{},
			changed("migrations", { indexes: [{ name: "byState", partitionKey: "phase", sortKey: "startedAt" }] }),
			"heliotrope-prod-migrations: would be replaced",
		],
		[{}, TABLES.filter(({ name }) => name !== "decisions"), "table heliotrope-prod-decisions: is not described any more"],
	])("may not change to %j: that would lose data", (change, tables, message) => {
		expect(() => judge(change, tables)).toThrow(SettingsError);
		expect(() => judge(change, tables)).toThrow(message);
		expect(() => judge(change, tables)).toThrow("docs/deploy.md");
	});

	test("may not gain two indexes of one table at once: CloudFormation makes one a deployment", () => {
		const indexes = ["byTime", "byOwner"].map((name) => ({ name, partitionKey: "a", sortKey: "b" }));
		expect(() => judge({}, changed("state", { indexes }))).toThrow(
			"table heliotrope-prod-state: gains the indexes byTime, byOwner at once; CloudFormation makes one of a table a deployment, so add byTime first",
		);
	});

	test("may not have another key: CloudFormation would replace the table", () => {
		const name = "heliotrope-prod-data";
		const other = { ...deployed, tables: { ...deployed.tables, [name]: String(deployed.tables[name]).replace("pk,sk", "pk,when") } };
		expect(other).not.toEqual(deployed);
		expect(() => refuseLosses(deployed, other, [])).toThrow(
			`table ${name}: would be replaced (regional pk,sk KEYS_ONLY -> regional pk,when`,
		);
	});

	test("are compared with the outputs of their own stage", () => {
		const outputs = {
			"heliotrope-prod-metadata": { Layout: JSON.stringify(deployed) },
			"heliotrope-prod-console": { AdminUrl: "https://a" },
		};
		expect(recordedLayout(outputs, "prod")).toEqual(deployed);
		expect(recordedLayout(outputs, "dev")).toBeUndefined();
		expect(recordedLayout(undefined, "prod")).toBeUndefined();
		expect(() => recordedLayout({ "heliotrope-prod-metadata": { Layout: "{}" } }, "prod")).toThrow("cannot read");
	});
});

describe("the outputs of earlier deployments", () => {
	const folder = mkdtempSync(join(tmpdir(), "heliotrope-deployed-"));
	afterAll(() => rmSync(folder, { recursive: true, force: true }));
	const write = (name: string, content: unknown): string => {
		writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
		return join(folder, name);
	};
	const outputsOf = (stage: string, layout: Layout) => ({ [`heliotrope-${stage}-metadata`]: { Layout: JSON.stringify(layout) } });
	const compare = (change: Partial<SettingsInput>, more: Omit<Deploying, "settings"> = {}) =>
		refuseLossesTo({ settings: settings(change), folder, ...more });

	test("are found by the stage, and where nothing was deployed there is nothing to lose", () => {
		expect(() => compare({ controlRegion: "eu-west-1" })).not.toThrow();
		write("prod.json", outputsOf("prod", deployed));
		expect(() => compare({ controlRegion: "eu-west-1" })).toThrow("controlRegion: is us-east-1");
		expect(() => compare({ controlRegion: "eu-west-1", stage: "other" })).not.toThrow();
	});

	test("are told where there are none, for nothing is compared then, and not told where there are", () => {
		expect(compare({ stage: "first" })).toMatch(/^Nothing was compared: .*first\.json records no deployment/);
		expect(compare({}, { outputs: write("empty.json", {}) })).toMatch(/--outputs-file .*empty\.json/);
		expect(compare({}, { outputs: write("there.json", outputsOf("prod", deployed)) })).toBeUndefined();
	});

	test("name the settings file that the stacks were made of, where its stage is its own", () => {
		const outputOf = (file?: string): unknown => {
			const { metadata } = composeStacks(testApp(), settings(), file);
			return Template.fromStack(metadata).findOutputs("Layout")["Layout"]?.["Value"];
		};
		expect(JSON.parse(String(outputOf("settings/prod.ts")))).toEqual({ ...deployed, settings: "settings/prod.ts" });
		expect(JSON.parse(String(outputOf()))).toEqual(deployed);
	});

	test("bind a settings file to its stage: under another one every table would begin empty", () => {
		write("prod.json", outputsOf("prod", layoutOf(settings(), TABLES, "settings/prod.ts")));
		expect(() => compare({ stage: "live" }, { file: "settings/prod.ts" })).toThrow("stage: settings/prod.ts is deployed as prod");
		expect(() => compare({}, { file: "settings/prod.ts" })).not.toThrow();
		expect(() => compare({ stage: "live" }, { file: "settings/live.ts" })).not.toThrow();
		// A stage that the command line sets
		expect(() => compare({ stage: "live" })).not.toThrow();
	});

	test.each([
		["broken.json", "{", "broken.json cannot be read"],
		["edge-only.json", { "heliotrope-prod-edge": { EdgeUrl: "https://e" } }, "edge-only.json bears no layout of the stage prod"],
		["others.json", outputsOf("dev", deployed), "others.json bears no layout of the stage prod"],
	])("that cannot be compared are refused, as %s", (name, content, message) => {
		const outputs = write(name, content);
		expect(() => compare({}, { outputs })).toThrow(SettingsError);
		expect(() => compare({}, { outputs })).toThrow(message);
		rmSync(outputs);
	});

	test("have to exist where they are named, and may be empty, as a first deployment that failed leaves them", () => {
		expect(() => compare({}, { outputs: join(folder, "missing.json") })).toThrow("missing.json does not exist");
		expect(() => compare({}, { outputs: write("empty.json", {}) })).not.toThrow();
	});
});
