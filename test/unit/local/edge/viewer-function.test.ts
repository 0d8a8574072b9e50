import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { EDGE_DISTRIBUTION, GROUP_ORIGINS_SOURCE, groupOriginsCode } from "#infra/description/edge.ts";
import { ViewerFunction } from "#local/edge/viewer-function.ts";

const SOURCE = readFileSync(GROUP_ORIGINS_SOURCE, "utf8");

test.each(["GET", "HEAD", "OPTIONS"])("%s has two origins, each time", (method) => {
	const viewer = new ViewerFunction();
	const { originIds, failoverStatuses } = EDGE_DISTRIBUTION.originGroup;
	for (const uri of ["/v1/partitions/a/items/b", "/v1/partitions/a/items/b"]) {
		expect(viewer.groupFor(method, uri)).toEqual({
			originIds: originIds.map((originId) => ({ originId })),
			failoverCriteria: { statusCodes: [...failoverStatuses] },
		});
	}
});

test.each(["PUT", "POST", "DELETE", "PATCH"])("%s has one, also after a read had two", (method) => {
	const viewer = new ViewerFunction();
	viewer.groupFor("GET", "/");
	expect(viewer.groupFor(method, "/")).toBeUndefined();
});

test.each([
	[
		"groups origins that the distribution does not have",
		SOURCE.replace("__HELIOTROPE_ORIGIN_GROUP__", '{originIds:[{originId:"a"},{originId:"b"}],failoverCriteria:{statusCodes:[503]}}'),
	],
	["fails over on a status that CloudFront knows no failover for", groupOriginsCode(SOURCE).replace("504", "429")],
])("a function that %s fails", (_what, code) => {
	expect(() => new ViewerFunction(code).groupFor("GET", "/")).toThrow(TypeError);
});

test("a function is as small as CloudFront wants it, and imports the helper", () => {
	expect(() => new ViewerFunction(`${groupOriginsCode(SOURCE)}//${" ".repeat(10_240)}`)).toThrow("at most 10240 bytes");
	expect(() => new ViewerFunction("function handler(event) { return event.request; }")).toThrow("import");
});
