import type { CloudFrontRequest } from "aws-lambda";
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
	expect((await answer("503", []))?.headers).toMatchObject({ "retry-after": [{ value: "1" }] });
	expect((await answer("503", ["Retry-After", "7"]))?.headers).toMatchObject({ "retry-after": [{ value: "7" }] });
	expect((await answer("504", []))?.headers).toEqual({});
});
