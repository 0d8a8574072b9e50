import type { MigrationRequest } from "#domain/migration/request.ts";
import type { StageOutput } from "#domain/migration/stage-context.ts";
import type { Stage } from "#domain/migration/stages.ts";
import type { ExecutionState, MigrationExecutions } from "#domain/ports/migration-executions.ts";
import { ExecutionDied, walkMachine } from "#simulation/engine/state-machine.ts";

interface Run {
	readonly name: string;
	readonly migrationId: string;
	/** As Step Functions says. */
	state: ExecutionState;
	/** Whether it really goes on. */
	goesOn: boolean;
}

export interface ExecutionParts {
	readonly invoke: (request: MigrationRequest, stage: Stage, reason: string | undefined) => Promise<StageOutput>;
	readonly sleep: (ms: number) => Promise<void>;
	readonly jitter: () => number;
	/** Takes an actor that runs beside the others. */
	readonly spawn: (work: () => Promise<void>) => void;
	readonly trace: (line: () => string) => void;
}

/** Executions of the migrate state machine: which run, which have ended, and which are taken for gone although they run on. */
export class SimulatedExecutions implements MigrationExecutions {
	readonly #runs = new Map<string, Run>();
	readonly #parts: ExecutionParts;

	constructor(parts: ExecutionParts) {
		this.#parts = parts;
	}

	async stateOf(name: string): Promise<ExecutionState> {
		return this.#runs.get(name)?.state ?? "gone";
	}

	async startAs(name: string, request: MigrationRequest): Promise<"started" | "already-started"> {
		if (this.#runs.has(name)) return "already-started";
		const run: Run = { name, migrationId: request.migrationId, state: "running", goesOn: true };
		this.#runs.set(name, run);
		this.#parts.trace(() => `execution ${name} starts`);
		this.#parts.spawn(() => this.#walk(run, request));
		return "started";
	}

	/** The newest execution of a migration counts as gone; `dies`: it is. */
	lose(migrationId: string, dies: boolean): boolean {
		const run = [...this.#runs.values()].findLast((one) => one.migrationId === migrationId && one.state === "running");
		if (run === undefined) return false;
		run.state = "gone";
		run.goesOn = !dies;
		this.#parts.trace(() => `execution ${run.name} ${dies ? "dies" : "becomes a zombie"}`);
		return true;
	}

	get anyRunning(): boolean {
		return [...this.#runs.values()].some((run) => run.goesOn && run.state !== "ended");
	}

	async #walk(run: Run, request: MigrationRequest): Promise<void> {
		const { invoke, sleep, jitter } = this.#parts;
		const alive = async <T>(work: Promise<T>): Promise<T> => {
			const [outcome] = await Promise.allSettled([work]);
			if (!run.goesOn) throw new ExecutionDied();
			if (outcome.status === "rejected") throw outcome.reason;
			return outcome.value;
		};
		try {
			const last = await walkMachine({
				invoke: (stage, reason) => alive(invoke(request, stage, reason)),
				sleep: (ms) => alive(sleep(ms)),
				jitter,
			});
			this.#parts.trace(() => `execution ${run.name} ends in ${last}`);
		} catch (error) {
			if (!(error instanceof ExecutionDied)) throw error;
		}
		run.goesOn = false;
		if (run.state === "running") run.state = "ended";
	}
}
