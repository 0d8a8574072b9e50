import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { VIEWER_HEADERS } from "#domain/routing/edge-headers.ts";
import { PROBLEMS } from "#lambdas/serve-data/problem.ts";

const document = readFileSync("docs/data-api.md", "utf8");
const documented = new Map(
	[...document.matchAll(/^\| `([a-z.-]+)` \| (\d{3}) \|/gm)].map(([, code = "", status]) => [code, Number(status)]),
);

/** Where the edge makes answers of its own. */
const edgeSources = globSync(["lambdas/route-request/*.ts", "lambdas/learn-route/*.ts", "domain/routing/partition-rule.ts"]);
const edgeCodes = edgeSources.flatMap((file) =>
	[...readFileSync(file, "utf8").matchAll(/"((?:edge|partition|region|request|route)\.[a-z-]+)"/g)].map(([, code = ""]) => code),
);

test("the document has every problem code of the data plane and of the edge, and no other", () => {
	expect(new Set(edgeCodes)).toContain("region.unknown");
	expect([...documented.keys()].sort()).toEqual([...new Set([...Object.keys(PROBLEMS), ...edgeCodes])].sort());
});

test("each with the status that it is answered with", () => {
	for (const [code, { status }] of Object.entries(PROBLEMS)) expect([code, documented.get(code)]).toEqual([code, status]);
});

test("and every header that the edge lets a viewer send on", () => {
	for (const name of VIEWER_HEADERS) expect(document).toContain(`\`${name}\``);
});
