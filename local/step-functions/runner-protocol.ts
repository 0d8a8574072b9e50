/** What the runner thread is born with: state machines by name, with every ARN substituted. */
export interface RunnerData {
	readonly machines: Readonly<Record<string, unknown>>;
	/** One Float64: virtual time in ms. Undefined: the wall clock. */
	readonly time: SharedArrayBuffer | undefined;
}

/** How an execution ended. */
export type ExecutionEnd =
	| { readonly status: "SUCCEEDED"; readonly output: string }
	| { readonly status: "FAILED" | "TIMED_OUT" | "ABORTED"; readonly error: string; readonly cause: string };

/** Every message to the runner is answered with `settled` once it has caused all that it causes at once. */
export type ToRunner = { readonly messageId: number } & (
	| { readonly type: "start"; readonly executionArn: string; readonly machine: string; readonly input: string }
	| { readonly type: "abort"; readonly executionArn: string }
	| { readonly type: "fired"; readonly timerId: number }
	| { readonly type: "task-succeeded"; readonly taskId: number; readonly output: unknown }
	| { readonly type: "task-failed"; readonly taskId: number; readonly error: string; readonly cause: string }
);

export type FromRunner =
	| { readonly type: "ready" }
	| { readonly type: "settled"; readonly messageId: number }
	| { readonly type: "set-timer"; readonly timerId: number; readonly ms: number }
	| { readonly type: "clear-timer"; readonly timerId: number }
	| { readonly type: "task"; readonly taskId: number; readonly executionArn: string; readonly resource: string; readonly input: unknown }
	| { readonly type: "ended"; readonly executionArn: string; readonly end: ExecutionEnd };
