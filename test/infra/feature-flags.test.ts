import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));

test("cdk.json pins every feature flag as the library's pinned version recommends it, so that templates change with commits only", () => {
	const { settings, ...flags } = (read("cdk.json") as { context: Record<string, unknown> }).context;
	expect(settings).toBe("settings/dev.ts");
	expect(flags, "after an update of aws-cdk-lib: take its flags over, and read what changes in the snapshots").toEqual(
		read("node_modules/aws-cdk-lib/recommended-feature-flags.json"),
	);
});
