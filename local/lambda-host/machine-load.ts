import { cpus } from "node:os";

/** Milliseconds that cores have spent since the machine started, over all of them. */
export interface CoreTimes {
	readonly idle: number;
	readonly total: number;
}

/** Below it, `isFull` says what it said last: the kernel counts in steps of 10 ms. */
const SHORTEST_LOOK_MS = 100;
/** What was seen longer ago says nothing of now. */
const LONGEST_LOOK_MS = 1000;
/** A machine with less than this share of its cores idle is full. */
const IDLE_SHARE = 0.1;

/** Whether the machine's cores are all busy, whoever keeps them so, by looks that lie between 0.1 and 1 s apart. */
export class MachineLoad {
	readonly #nowMs: () => number;
	readonly #times: () => CoreTimes;
	#seen: (CoreTimes & { readonly atMs: number }) | undefined;
	#full = false;

	constructor(nowMs: () => number = () => performance.now(), times: () => CoreTimes = coreTimes) {
		this.#nowMs = nowMs;
		this.#times = times;
	}

	isFull(): boolean {
		const atMs = this.#nowMs();
		const seen = this.#seen;
		if (seen !== undefined && atMs - seen.atMs < SHORTEST_LOOK_MS) return this.#full;
		const times = this.#times();
		this.#seen = { ...times, atMs };
		const isOld = seen === undefined || atMs - seen.atMs > LONGEST_LOOK_MS;
		this.#full = !isOld && times.idle - seen.idle < IDLE_SHARE * (times.total - seen.total);
		return this.#full;
	}
}

function coreTimes(): CoreTimes {
	let [idle, total] = [0, 0];
	for (const { times } of cpus()) {
		idle += times.idle;
		total += times.user + times.nice + times.sys + times.irq + times.idle;
	}
	return { idle, total };
}
