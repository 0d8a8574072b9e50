/** Asks `url`, with a timeout of 30 ms, and tells what comes first. */
import { request } from "node:http";
import { parentPort, workerData } from "node:worker_threads";
import { installPatientTimers } from "#local/lambda-host/patient-timers.ts";

const { time, url, asks } = workerData as { time: SharedArrayBuffer; url: string; asks: boolean };
const now = new Float64Array(time);
installPatientTimers(() => now[0] ?? Number.NaN);

// A sandbox waits for messages: timers that hold no thread come all the same.
parentPort?.on("message", () => {});

const tell = (what: string): void => parentPort?.postMessage(what);
const waiting = setTimeout(tell, 30, "timeout");
AbortSignal.timeout(30).addEventListener("abort", () => tell("aborted"));
if (asks) {
	request(url, (response) => {
		clearTimeout(waiting);
		response.resume().on("end", () => tell("answer"));
	}).end();
}
