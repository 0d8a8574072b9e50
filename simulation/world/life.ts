/** An invocation's error as the service reports a process that is gone. */
export class InvocationLost extends Error {
	override name: string;
	/** @param name the error as the state machine's Retry knows it */
	constructor(name: "Lambda.Unknown" | "Sandbox.Timedout") {
		super("the invocation ended without an answer");
		this.name = name;
	}
}

/** Whether a process still runs. What is dead sends nothing more and hears nothing more; what it has sent may still arrive. */
export class Life {
	#dead = false;
	#finished = false;
	#onEnd: ((error: Error) => void) | undefined;
	/** Rejects when it ends from outside. */
	readonly ended: Promise<never>;

	constructor() {
		this.ended = new Promise((_, reject) => {
			this.#onEnd = reject;
		});
		// Nobody need listen.
		this.ended.catch(() => undefined);
	}

	get isDead(): boolean {
		return this.#dead;
	}

	end(error: Error): void {
		if (this.#dead) return;
		this.#dead = true;
		this.#onEnd?.(error);
	}

	/** Has answered: what it may still be doing goes on, and no timeout ends it any more. */
	finish(): void {
		this.#finished = true;
	}

	/** Its time is up. */
	timeOut(): void {
		if (!this.#finished) this.end(new InvocationLost("Sandbox.Timedout"));
	}
}
