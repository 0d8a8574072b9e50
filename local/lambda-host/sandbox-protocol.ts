import type { LambdaOutcome } from "#local/lambda-host/lambda-host.ts";

/** What a sandbox thread is born with. */
export interface SandboxData {
	/** File URL of the bundled code of the functions that it may run: exports `load`. */
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

/** A function that a sandbox may be asked to run. */
export interface SandboxFunction {
	readonly name: string;
	/** What `load` of the code knows it by. */
	readonly entry: string;
	/** The export of the entry. */
	readonly handler: string;
	/** What it finds in `process.env` beside what all functions of the sandbox do. */
	readonly environment: Readonly<Record<string, string>>;
}

/** What a line on standard output or error begins with that names the function whose lines follow. */
export const OUTPUT_OF = "\u0001";

export type ToSandbox =
	/** Runs the function's code; "loaded" follows. Once a function, before it is invoked. */
	| { readonly type: "load"; readonly function: SandboxFunction }
	| { readonly type: "invoke"; readonly name: string; readonly event: unknown; readonly context: InvocationContext }
	/** The answer is out: what was left for the background may run now. */
	| { readonly type: "background" }
	| { readonly type: "wake"; readonly sleepId: number };

export type FromSandbox =
	| { readonly type: "loaded"; readonly name: string }
	/** `background`: work is left that the answer does not wait for; "idle" follows it. */
	| { readonly type: "result"; readonly outcome: LambdaOutcome; readonly background: boolean }
	| { readonly type: "idle" }
	| { readonly type: "sleep"; readonly sleepId: number; readonly ms: number };
