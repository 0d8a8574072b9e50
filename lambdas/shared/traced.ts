import type { MiddlewareObj, Request } from "@middy/core";

/**
 * A segment of the invocation's trace in X-Ray, with the function's calls over HTTPS below it. Results are not put into it: they may hold what
 * clients have stored. Where no daemon takes segments, nothing is loaded and nothing done; at the edge there is none.
 */
export function traced(serviceName: string): MiddlewareObj[] {
	if (process.env["AWS_XRAY_DAEMON_ADDRESS"] === undefined) return [];
	const load = async () => {
		const [{ Tracer }, { captureLambdaHandler }] = await Promise.all([
			import("@aws-lambda-powertools/tracer"),
			import("@aws-lambda-powertools/tracer/middleware"),
		]);
		return captureLambdaHandler(new Tracer({ serviceName }), { captureResponse: false });
	};
	// at cold start, which has the time, and before the first call that it has to see
	const loading = load();
	const step =
		(name: "before" | "after" | "onError") =>
		async (request: Request): Promise<void> => {
			await (await loading)[name]?.(request);
		};
	return [{ before: step("before"), after: step("after"), onError: step("onError") }];
}
