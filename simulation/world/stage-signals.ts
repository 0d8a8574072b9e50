import type { Stage } from "#domain/migration/stages.ts";

type Listener = (migrationId: string, stage: Stage) => void;

/** Tells whoever waits for it that a stage begins: what is planned for a moment of the protocol happens then. */
export class StageSignals {
	readonly #listeners: Listener[] = [];
	readonly #waiting = new Map<Stage, (() => void)[]>();

	listen(listener: Listener): void {
		this.#listeners.push(listener);
	}

	began(migrationId: string, stage: Stage): void {
		for (const listener of this.#listeners) listener(migrationId, stage);
		const waiting = this.#waiting.get(stage) ?? [];
		this.#waiting.delete(stage);
		for (const wake of waiting) wake();
	}

	/** When a stage of any migration begins next. */
	next(stage: Stage): Promise<void> {
		return new Promise((wake) => this.#waiting.set(stage, [...(this.#waiting.get(stage) ?? []), wake]));
	}
}
