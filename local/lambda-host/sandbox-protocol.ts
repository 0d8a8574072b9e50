import type { LambdaOutcome } from "#local/lambda-host/lambda-host.ts";

/** What a sandbox thread is born with. */
export interface SandboxData {
	/** File URL of the bundled function code. */
	readonly codeUrl: string;
	/** One Float64: virtual time in ms. Undefined: the wall clock. */
	readonly time: SharedArrayBuffer | undefined;
	/** Seeds the sandbox's randomness; undefined: the machine's. */
	readonly seed: number | undefined;
}

/** The Lambda context fields that a handler may use. */
export interface InvocationContext {
	readonly functionName: string;
	readonly awsRequestId: string;
	readonly memoryLimitInMB: string;
	readonly invokedFunctionArn: string;
	/** The instant, in the clock's ms, at which the sandbox is terminated. */
	readonly deadlineMs: number;
}

export type ToSandbox =
	| { readonly type: "invoke"; readonly handler: string; readonly event: unknown; readonly context: InvocationContext }
	/** The answer is out: what was left for the background may run now. */
	| { readonly type: "background" }
	| { readonly type: "wake"; readonly sleepId: number };

export type FromSandbox =
	| { readonly type: "ready" }
	/** `background`: work is left that the answer does not wait for; "idle" follows it. */
	| { readonly type: "result"; readonly outcome: LambdaOutcome; readonly background: boolean }
	| { readonly type: "idle" }
	| { readonly type: "sleep"; readonly sleepId: number; readonly ms: number };
