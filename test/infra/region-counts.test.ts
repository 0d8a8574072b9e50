import { describe, expect, test } from "vitest";
import { parseSettings } from "#infra/settings.ts";
import { redact } from "#test/infra/stacks/redact.ts";
import { type Synthesized, synthesize, TEST_SETTINGS } from "#test/infra/stacks/synthesized.ts";
import { differenceOf } from "#test/infra/stacks/template-difference.ts";

const SIX = [...TEST_SETTINGS.regions, "sa-east-1", "ap-south-1", "eu-north-1"];
const COUNTS = [1, 2, 6];

const titleOf = (count: number): string => (count === 1 ? "1 region" : `${count} regions`);

const of = (count: number): Synthesized => synthesize(parseSettings({ ...TEST_SETTINGS, regions: SIX.slice(0, count) }));

// The template of three regions is a snapshot of its own (snapshots.ts): here is what other counts change in it.
const three = of(3);
const templates = new Map(COUNTS.map((count) => [count, of(count)]));
const shown = [...three.all.keys()].filter((id) => !id.includes("region-"));

/** A region that every count has but the smallest, which has the control region alone. */
const regionOf = ({ regions }: Synthesized) => regions.get("eu-west-1") ?? regions.get(TEST_SETTINGS.controlRegion);

describe.each(shown)("%s in other numbers of regions", (id) => {
	test("is as reviewed", async () => {
		const sections = [...templates].map(
			([count, { all }]) => `${titleOf(count)}\n\n${differenceOf(three.all.get(id)?.toJSON(), all.get(id)?.toJSON())}`,
		);
		await expect(redact(sections.join("\n"))).toMatchFileSnapshot(`./snapshots/${id}.regions.snap`);
	});
});

test("a region's stack in other numbers of regions is as reviewed", async () => {
	const sections = [...templates].map(
		([count, other]) => `${titleOf(count)}\n\n${differenceOf(regionOf(three)?.toJSON(), regionOf(other)?.toJSON())}`,
	);
	await expect(redact(sections.join("\n"))).toMatchFileSnapshot("./snapshots/heliotrope-test-region-eu-west-1.regions.snap");
});

test.each(COUNTS)("%i regions make a stack a region, and the same other stacks", (count) => {
	const ids = [...(templates.get(count)?.all.keys() ?? [])];
	expect(ids.filter((id) => !id.includes("region-"))).toEqual(shown);
	expect(ids.filter((id) => id.includes("region-"))).toEqual(SIX.slice(0, count).map((region) => `heliotrope-test-region-${region}`));
});

test("no stack holds an export of another one, and none but the console reads an output: they can be changed and deleted one by one", () => {
	const readers = [...three.all].filter(([, template]) => JSON.stringify(template.toJSON()).includes("Fn::GetStackOutput"));
	expect(readers.map(([id]) => id)).toEqual(["heliotrope-test-console"]);
	for (const [id, template] of three.all) expect(JSON.stringify(template.toJSON()), id).not.toMatch(/"Export"|Fn::ImportValue/);
});
