import type { MigrationRequest } from "#domain/migration/request.ts";
import type { ExecutionState, MigrationExecutions } from "#domain/ports/migration-executions.ts";

/** Step Functions as far as recovery and starters see it: a name is used once, and the same start while it runs is the same execution. */
export class FakeExecutions implements MigrationExecutions {
	readonly states = new Map<string, ExecutionState>();
	readonly requests = new Map<string, MigrationRequest>();

	async stateOf(name: string): Promise<ExecutionState> {
		return this.states.get(name) ?? "gone";
	}

	async startAs(name: string, request: MigrationRequest): Promise<"started" | "already-started"> {
		const known = this.requests.get(name);
		if (known === undefined) {
			this.requests.set(name, request);
			this.states.set(name, "running");
			return "started";
		}
		return this.states.get(name) === "running" && JSON.stringify(known) === JSON.stringify(request) ? "started" : "already-started";
	}

	/** How all that run end. */
	stop(state: Exclude<ExecutionState, "running">): void {
		for (const [name, now] of this.states) if (now === "running") this.states.set(name, state);
	}
}
