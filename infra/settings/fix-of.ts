import type * as z from "zod";
import { exampleOf } from "#infra/settings/examples.ts";

/** How a type that was expected is called. */
const CALLED: Readonly<Record<string, string>> = {
	int: "a whole number",
	array: "a list",
	record: "an object",
	object: "an object",
	string: "text",
	number: "a number",
	nonoptional: "given",
};

/** What would be right where settings are wrong, in words. @param known the settings that there are */
export function fixOf(issue: z.core.$ZodIssue, known: readonly string[]): string {
	if (issue.code === "unrecognized_keys") {
		const fix = issue.path.length === 0 ? `; there are ${known.join(", ")}` : "; see docs/deploy.md";
		return `${issue.keys.join(", ")} is no setting${fix}`;
	}
	if (issue.code === "invalid_type" && issue.message.startsWith("Invalid input")) {
		const example = exampleOf(issue.path);
		const called = CALLED[issue.expected] ?? `a value of type ${issue.expected}`;
		return `must be ${called}${example === undefined ? "" : ` such as ${example}`}`;
	}
	const [, choices] = /^Invalid discriminator value\. Expected (.*)$/.exec(issue.message) ?? [];
	return choices === undefined ? issue.message : `must be ${choices.replaceAll(" | ", " or ")}`;
}
