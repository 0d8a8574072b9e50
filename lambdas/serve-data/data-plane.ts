import { isUtf8 } from "node:buffer";
import type { APIGatewayProxyStructuredResultV2, LambdaFunctionURLEvent } from "aws-lambda";
import { DeadlineError, OperatingError, UnavailableError } from "#domain/shared/errors.ts";
import { Admission, bytesOf } from "#lambdas/serve-data/admission.ts";
import { type Answer, answerProblem } from "#lambdas/serve-data/answer.ts";
import { deadlineOf, type Invocation } from "#lambdas/serve-data/deadline.ts";
import type { DataPlaneDeps } from "#lambdas/serve-data/deps.ts";
import { incomingOf, parseRequest } from "#lambdas/serve-data/parse-request.ts";
import { ProblemError } from "#lambdas/serve-data/problem.ts";
import { requestIdOf } from "#lambdas/serve-data/request-id.ts";
import { serveRequest } from "#lambdas/serve-data/serve-request.ts";

/** The data plane of one region as a function of function URL events. Never throws: what is unexpected answers 500 and is logged. */
export const createDataPlane =
	(deps: DataPlaneDeps) =>
	async (event: LambdaFunctionURLEvent, invocation?: Invocation): Promise<APIGatewayProxyStructuredResultV2> => {
		const requestId = requestIdOf(event) ?? deps.random.id();
		const answer = await answerTo(deps, requestId, () => serve(deps, event, requestId, invocation));
		const marks = { "x-heliotrope-region": deps.region, "x-heliotrope-epoch": "0", "x-heliotrope-request-id": requestId };
		return resultOf({ ...answer, headers: { ...marks, ...answer.headers } });
	};

const UNBOUNDED = new Admission(Number.POSITIVE_INFINITY);

/** Who it is comes before what it asks for, and both before anything is done. */
async function serve(deps: DataPlaneDeps, event: LambdaFunctionURLEvent, requestId: string, invocation?: Invocation): Promise<Answer> {
	const cameMs = deps.clock.nowMs();
	const incoming = incomingOf(event);
	return (deps.admission ?? UNBOUNDED).during(bytesOf(incoming), async () => {
		const caller = await deps.access.authenticate(incoming.headers);
		const request = parseRequest(incoming);
		caller.authorize(request);
		const notAfterMs = deadlineOf(incoming.headers, deps.clock, invocation, cameMs);
		return serveRequest(notAfterMs === undefined ? deps : { ...deps, notAfterMs }, request, requestId);
	});
}

/** The answer, or the problem that kept it from being. Never throws. */
export async function answerTo(
	deps: Pick<DataPlaneDeps, "log" | "region">,
	requestId: string,
	work: () => Promise<Answer>,
): Promise<Answer> {
	try {
		return await work();
	} catch (error) {
		if (error instanceof ProblemError) {
			if (error.retryable) logFailure(deps, requestId, error);
			return answerProblem(error.problem, error.message, requestId, error.headers);
		}
		logFailure(deps, requestId, error);
		if (error instanceof DeadlineError) return answerProblem("deadline.exceeded", "Nothing has been written.", requestId);
		if (error instanceof UnavailableError) return answerProblem("store.unavailable", error.message, requestId);
		return answerProblem("internal", "See the log for this request id.", requestId);
	}
}

function logFailure(deps: Pick<DataPlaneDeps, "log" | "region">, requestId: string, error: unknown): void {
	const known = error instanceof Error ? error : new Error(String(error));
	const cause = known.cause instanceof Error ? `${known.cause.name}: ${known.cause.message}` : undefined;
	const code = "code" in known ? known.code : "internal";
	const stack = error instanceof OperatingError ? undefined : known.stack;
	const level = error instanceof OperatingError ? "warn" : "error";
	deps.log({
		level,
		event: "data-plane.failure",
		region: deps.region,
		requestId,
		code,
		name: known.name,
		message: known.message,
		cause,
		stack,
	});
}

const MULTI_STATUS = 207;

/**
 * As a function URL sends it. The answer to a batch stays the text that it is: its items are in base64 already, and once more would
 * make it longer than the 6 MB that Lambda takes.
 */
export function resultOf({ status, headers, body }: Answer): APIGatewayProxyStructuredResultV2 {
	if (body === undefined || body.byteLength === 0) return { statusCode: status, headers: { ...headers }, body: "" };
	// an application that a request was sent on to may answer 207 with anything
	const encoding = status === MULTI_STATUS && isUtf8(body) ? "utf8" : "base64";
	return {
		statusCode: status,
		headers: { ...headers },
		body: Buffer.from(body).toString(encoding),
		isBase64Encoded: encoding === "base64",
	};
}
