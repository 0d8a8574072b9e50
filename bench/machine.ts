import { availableParallelism, cpus, loadavg, totalmem } from "node:os";

/** What the numbers were taken on, to be compared before they are. */
export interface Machine {
	readonly cpu: string;
	readonly cores: number;
	readonly memoryGiB: number;
	readonly os: string;
	readonly node: string;
	/** Runnable threads, mean of the minute before the run: above zero, somebody else was at work. */
	readonly loadBefore: number;
}

export const describeMachine = (): Machine => ({
	cpu: cpus()[0]?.model.trim() ?? "unknown",
	cores: availableParallelism(),
	memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
	os: `${process.platform}-${process.arch}`,
	node: process.version,
	loadBefore: loadavg()[0] ?? Number.NaN,
});
