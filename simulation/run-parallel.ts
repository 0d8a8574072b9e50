import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { addTallies, NOTHING_YET, type Tally } from "#simulation/run-seeds.ts";

/** What a worker is asked to run: seeds from `first` on, `count` of them. */
export interface SeedRange {
	readonly first: number;
	readonly count: number;
}

/** Seeds that a worker is given at a time: about a second's work, so that progress is seen and a stop is quick. */
const SHARE = 50;

export interface ParallelRun {
	/** Resolves with what was found when all seeds have been run, or so far when it was stopped. */
	readonly finished: Promise<Tally>;
	readonly stop: () => void;
}

/** Runs seeds on as many threads as the machine has. */
export function runParallel(range: SeedRange, onProgress: (tally: Tally) => void): ParallelRun {
	const threads = Math.min(availableParallelism(), Math.ceil(range.count / SHARE));
	let stopped = false;
	let next = range.first;
	const end = range.first + range.count;
	let tally = NOTHING_YET;
	const take = (): SeedRange | undefined => {
		if (stopped || next >= end) return undefined;
		const share = { first: next, count: Math.min(SHARE, end - next) };
		next += share.count;
		return share;
	};
	const thread = (): Promise<void> =>
		new Promise((resolve, reject) => {
			const worker = new Worker(new URL("./worker.ts", import.meta.url));
			const give = (): void => {
				const share = take();
				if (share === undefined) void worker.terminate().then(() => resolve());
				else worker.postMessage(share);
			};
			worker.on("message", (part: Tally) => {
				tally = addTallies(tally, part);
				onProgress(tally);
				give();
			});
			worker.on("error", reject);
			give();
		});
	const finished = Promise.all(Array.from({ length: threads }, thread)).then(() => tally);
	return {
		finished,
		stop: () => {
			stopped = true;
		},
	};
}
