import type { CloudFrontRequest, CloudFrontResponseEvent, CloudFrontResultResponse } from "aws-lambda";
import { expect, test } from "vitest";
import { handler } from "#lambdas/learn-route/handler.ts";
import { headerMap, originResponseEvent } from "#local/edge/cloudfront-event.ts";

const answer = async (status: string, rawHeaders: readonly string[]) => {
	const response = { status, statusDescription: "", headers: headerMap(rawHeaders) };
	return handler(originResponseEvent({} as CloudFrontRequest, response, "r"));
};

test("documented headers leave, internal ones do not", async () => {
	const names = ["region", "epoch", "replicas", "request-id", "staleness-ms", "canary-divergence", "buckets"].map(
		(name) => `x-heliotrope-${name}`,
	);
	const sent = await answer(
		"200",
		[...names, "ETag"].flatMap((name) => [name, "1"]),
	);
	expect(Object.keys(sent?.headers ?? {})).toEqual([...names.slice(0, 5), "etag"]);
});

test("every 503 bears Retry-After", async () => {
	const ours = ["x-heliotrope-request-id", "r"];
	expect((await answer("503", ours))?.headers).toMatchObject({ "retry-after": [{ value: "1" }] });
	expect((await answer("503", [...ours, "Retry-After", "7"]))?.headers).toMatchObject({ "retry-after": [{ value: "7" }] });
	expect((await answer("404", ours))?.headers).not.toHaveProperty("retry-after");
});

test.each([
	["403", "region.refused"],
	["429", "region.busy"],
	["502", "region.unreachable"],
	["503", "region.unreachable"],
	["504", "region.unreachable"],
])("what stands before a data plane and answers %s is 503 %s", async (status, code) => {
	const given = (await answer(status, ["Retry-After", "7", "Via", "1.1 x", "x-amzn-requestid", "internal"])) as CloudFrontResultResponse;
	expect([given.status, JSON.parse(given.body ?? "").code]).toEqual(["503", code]);
	expect(Object.keys(given.headers ?? {}).sort()).toEqual([
		"content-type",
		"retry-after",
		"via",
		"x-heliotrope-epoch",
		"x-heliotrope-request-id",
	]);
	expect(given.headers?.["retry-after"]).toMatchObject([{ value: "7" }]);
});

test.each(["200", "403", "429", "503"])("a data plane's own %s is handed on with its body", async (status) => {
	const given = (await answer(status, ["x-heliotrope-request-id", "r"])) as CloudFrontResultResponse;
	expect([given.status, given.body]).toEqual([status, undefined]);
});

test("an event without a record is answered", async () => {
	expect(await handler({ Records: [] } as unknown as CloudFrontResponseEvent)).toMatchObject({ status: "503" });
});
