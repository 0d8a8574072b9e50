import { describe, expect, test } from "vitest";
import { TABLES, type TableDescription } from "#infra/description/tables.ts";
import { layoutOf, recordedLayout, refuseLosses } from "#infra/layout.ts";
import { parseSettings, SettingsError, type SettingsInput } from "#infra/settings.ts";

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
