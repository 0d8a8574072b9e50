import diagnostics from "node:diagnostics_channel";
import type { ClientRequest } from "node:http";

/**
 * Makes this thread's timeouts wait while a request of it is under way and too little virtual time has passed: an answer that takes
 * long on this machine is not late. Where no request is under way (the pause before a retry) a timer is the machine's.
 *
 * @param nowMs virtual time in ms
 */
export function installPatientTimers(nowMs: () => number): void {
	const underWay = requestsUnderWay();
	const machineTimeout = globalThis.setTimeout;
	const patient = (callback: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): NodeJS.Timeout => {
		const startMs = nowMs();
		const timer = machineTimeout(() => {
			if (underWay.size > 0 && nowMs() - startMs < ms) timer.refresh();
			else callback(...args);
		}, ms);
		return timer;
	};
	// With the hook of util.promisify.
	globalThis.setTimeout = Object.defineProperties(patient, Object.getOwnPropertyDescriptors(machineTimeout)) as typeof setTimeout;
	AbortSignal.timeout = (ms) => {
		const controller = new AbortController();
		patient(() => controller.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError")), ms).unref();
		return controller.signal;
	};
}

function requestsUnderWay(): ReadonlySet<ClientRequest> {
	const underWay = new Set<ClientRequest>();
	diagnostics.subscribe("http.client.request.start", (message) => {
		const { request } = message as { request: ClientRequest };
		underWay.add(request);
		request.once("close", () => underWay.delete(request));
	});
	return underWay;
}
