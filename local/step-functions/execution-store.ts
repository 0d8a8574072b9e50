import type { ExecutionEnd } from "#local/step-functions/runner-protocol.ts";

/** What DescribeExecution tells. */
export interface Execution {
	readonly executionArn: string;
	readonly name: string;
	readonly machine: string;
	readonly input: string;
	readonly startMs: number;
	readonly status: "RUNNING" | ExecutionEnd["status"];
	readonly stopMs?: number;
	readonly output?: string;
	readonly error?: string;
	readonly cause?: string;
}

/** Where executions are remembered across restarts; a part of the durable state fits. */
export interface ExecutionSpace {
	get(key: string): unknown;
	set(key: string, value: unknown): void;
	entries(): Iterable<readonly [string, unknown]>;
}

/** Executions by ARN. Names are never free again, as on AWS within 90 days. */
export class ExecutionStore {
	readonly #space: ExecutionSpace;
	readonly #running = new Map<string, Execution>();

	constructor(space: ExecutionSpace) {
		this.#space = space;
	}

	find(executionArn: string): Execution | undefined {
		return this.#running.get(executionArn) ?? (this.#space.get(executionArn) as Execution | undefined);
	}

	running(): readonly Execution[] {
		return [...this.#running.values()];
	}

	begin(execution: Execution): void {
		this.#running.set(execution.executionArn, execution);
		this.#space.set(execution.executionArn, execution);
	}

	end(executionArn: string, end: ExecutionEnd, stopMs: number): void {
		const execution = this.#running.get(executionArn);
		if (execution === undefined) return;
		this.#running.delete(executionArn);
		this.#space.set(executionArn, { ...execution, ...end, stopMs });
	}

	/**
	 * The interpreter keeps nothing across a crash: what was running then is aborted, and recovery starts it again.
	 *
	 * @returns how many executions that were
	 */
	abortLeftovers(nowMs: number): number {
		const leftovers = [...this.#space.entries()].map(([, value]) => value as Execution).filter(({ status }) => status === "RUNNING");
		for (const execution of leftovers) this.#space.set(execution.executionArn, { ...execution, status: "ABORTED", stopMs: nowMs });
		return leftovers.length;
	}
}
