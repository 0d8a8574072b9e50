import type { Activity } from "#local/clock/local-clock.ts";
import { type HttpAnswer, type HttpCall, type HttpClient, numberHeaderOf } from "#local/workload/http-client.ts";

/** What came of a request after its retries. */
export type Delivery =
	| { readonly kind: "answered"; readonly answer: HttpAnswer; readonly retries: number; readonly networkMs: number }
	/** No answer: whether a write was carried out is unknown. */
	| { readonly kind: "lost"; readonly reason: string; readonly retries: number };

/** A region fences a partition for two seconds at most, an engine is back within some: a minute is generous. */
const MAX_RETRIES = 30;
const MAX_RETRY_AFTER_SECONDS = 30;
const RETRY_PAUSE_SECONDS = 1;

/**
 * Sends a request within `activity`. 503 is tried again after its Retry-After, and so is a dropped connection, in the clock's time:
 * every request of the workload may be repeated. `networkMs` is what the distance cost over all tries.
 */
export async function sendWithRetries(client: HttpClient, activity: Activity, call: HttpCall): Promise<Delivery> {
	const headers = { ...call.headers, "x-local-activity": activity.id };
	let networkMs = 0;
	for (let retries = 0; ; retries += 1) {
		const outcome = await attempt(client, { ...call, headers });
		if (outcome.kind === "answer") {
			networkMs += numberHeaderOf(outcome.answer, "x-local-network-ms") ?? 0;
			if (outcome.answer.status !== 503 || retries >= MAX_RETRIES) return { kind: "answered", answer: outcome.answer, retries, networkMs };
		} else if (retries >= MAX_RETRIES) return { kind: "lost", reason: outcome.reason, retries };
		await activity.sleep(pauseSeconds(outcome) * 1000);
	}
}

type Attempt = { readonly kind: "answer"; readonly answer: HttpAnswer } | { readonly kind: "dropped"; readonly reason: string };

async function attempt(client: HttpClient, call: HttpCall): Promise<Attempt> {
	try {
		return { kind: "answer", answer: await client.send(call) };
	} catch (error) {
		return { kind: "dropped", reason: error instanceof Error ? error.message : String(error) };
	}
}

const pauseSeconds = (outcome: Attempt): number => {
	if (outcome.kind === "dropped") return RETRY_PAUSE_SECONDS;
	return Math.min(Math.max(numberHeaderOf(outcome.answer, "retry-after") ?? RETRY_PAUSE_SECONDS, 0.1), MAX_RETRY_AFTER_SECONDS);
};
