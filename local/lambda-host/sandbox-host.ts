import type { RegionId } from "#domain/geography/region-id.ts";
import { type Deployment, environmentFor } from "#infra/description/deployment.ts";
import { FUNCTIONS, type FunctionDescription, functionName } from "#infra/description/functions.ts";
import type { LocalClock } from "#local/clock/local-clock.ts";
import type { Caller, Callers } from "#local/gateway/callers.ts";
import { type Bundles, SANDBOX_ENTRY } from "#local/lambda-host/bundle.ts";
import { InstancePool } from "#local/lambda-host/instance-pool.ts";
import type { LambdaCall, LambdaHost, LambdaOutcome } from "#local/lambda-host/lambda-host.ts";
import { MachineLoad } from "#local/lambda-host/machine-load.ts";
import { Sandbox } from "#local/lambda-host/sandbox.ts";
import type { InvocationContext, SandboxFunction } from "#local/lambda-host/sandbox-protocol.ts";

export interface SandboxHostOptions {
	readonly deployment: Deployment;
	readonly bundles: Bundles;
	readonly clock: LocalClock;
	/** Virtual time for the sandboxes to read; undefined: they use the wall clock. */
	readonly time: SharedArrayBuffer | undefined;
	readonly callers: Callers;
	/** The `AWS_ENDPOINT_URL` of every sandbox. */
	readonly endpointUrl: string;
	readonly seed: number;
	/** Calls `act` in so many wall milliseconds, unless what it returns is called before. @default a timer of this machine */
	readonly after?: (ms: number, act: () => void) => () => void;
	readonly log: (line: string) => void;
}

interface HostedFunction {
	readonly description: FunctionDescription;
	readonly sandboxed: SandboxFunction;
}

/** Instances of one code in one region at a time; the account's concurrency quota stands behind it on AWS. */
const MAX_INSTANCES = 128;
/** Wall time after which an invocation that hangs in virtual time, where its own timeout cannot come, is ended. */
const HANG_LIMIT_MS = 120_000;

/** The Lambda service of the local cloud: pools of sandboxes, one pool a code and region. */
export class SandboxHost implements LambdaHost {
	readonly #options: SandboxHostOptions;
	readonly #pools = new Map<string, InstancePool<Sandbox>>();
	readonly #load = new MachineLoad();
	readonly #functions: ReadonlyMap<string, HostedFunction>;
	#invocations = 0;
	#instances = 0;

	constructor(options: SandboxHostOptions) {
		this.#options = options;
		this.#functions = new Map(
			FUNCTIONS.map((description) => [description.name, { description, sandboxed: sandboxed(description, options.deployment) }]),
		);
	}

	async invoke(call: LambdaCall): Promise<LambdaOutcome> {
		const fn = this.#functions.get(call.function);
		if (fn === undefined) return { ok: false, errorType: "ResourceNotFoundException", errorMessage: `no function ${call.function}` };
		const pool = this.#poolOf(fn, call.region);
		const sandbox = await pool.acquire();
		if (sandbox === undefined) return { ok: false, errorType: "TooManyRequestsException", errorMessage: `${call.function}: rate exceeded` };
		try {
			return await this.#run(sandbox, fn, call);
		} finally {
			if (sandbox.dead) this.#forget(sandbox);
			else pool.release(sandbox);
		}
	}

	/** Ends the invocation that `caller` is in, as a crash of its instance would. */
	async crash(caller: Caller): Promise<void> {
		for (const pool of this.#pools.values()) {
			const sandbox = pool.find((candidate) => candidate.caller === caller);
			if (sandbox !== undefined)
				await this.#discard(sandbox, { ok: false, errorType: "Runtime.ExitError", errorMessage: "the instance crashed" });
		}
	}

	async stop(): Promise<void> {
		const sandboxes = [...this.#pools.values()].flatMap((pool) => pool.close());
		await Promise.all(
			sandboxes.map((sandbox) => sandbox.terminate({ ok: false, errorType: "Runtime.ExitError", errorMessage: "shutting down" })),
		);
	}

	#poolOf({ description }: HostedFunction, region: RegionId): InstancePool<Sandbox> {
		const codeUrl = this.#options.bundles.get(description.entry) ?? "";
		const key = `${codeUrl}|${region}`;
		const known = this.#pools.get(key);
		if (known !== undefined) return known;
		const create = (): Sandbox => this.#create(codeUrl, region, () => pool.advance());
		const pool = new InstancePool<Sandbox>({
			create,
			limit: MAX_INSTANCES,
			isMachineFull: () => this.#load.isFull(),
			after: this.#options.after ?? afterWallMs,
		});
		this.#pools.set(key, pool);
		return pool;
	}

	#create(codeUrl: string, region: RegionId, onIdle: () => void): Sandbox {
		const { bundles, callers, clock, endpointUrl, time, seed, log } = this.#options;
		this.#instances += 1;
		const caller = callers.issue(region, "a sandbox");
		const runnable = FUNCTIONS.filter(({ entry }) => bundles.get(entry) === codeUrl);
		return new Sandbox({
			workerUrl: bundles.get(SANDBOX_ENTRY),
			caller,
			memoryMb: Math.max(...runnable.map(({ memoryMb }) => memoryMb)),
			data: { codeUrl, time, seed: time === undefined ? undefined : seed * 1_000_003 + this.#instances },
			environment: {
				AWS_REGION: region,
				AWS_ENDPOINT_URL: endpointUrl,
				AWS_ACCESS_KEY_ID: caller.accessKeyId,
				AWS_SECRET_ACCESS_KEY: caller.secretAccessKey,
				AWS_SESSION_TOKEN: caller.sessionToken,
				NODE_OPTIONS: "",
			},
			beginBackground: () => clock.begin(`background of ${caller.name}@${region}`),
			onIdle,
			onOutput: (line, name) => log(`${name}@${region} ${line}`),
		});
	}

	async #run(sandbox: Sandbox, { description, sandboxed }: HostedFunction, call: LambdaCall): Promise<LambdaOutcome> {
		const { clock, deployment } = this.#options;
		this.#invocations += 1;
		const awsRequestId = `local-${this.#invocations}`;
		const timedOut: LambdaOutcome = {
			ok: false,
			errorType: "Sandbox.Timedout",
			errorMessage: `Task timed out after ${description.timeoutSeconds}.00 seconds`,
		};
		let cancelTimeout = (): void => {};
		// As on AWS, the time that loading the code takes does not count.
		const begin = (): InvocationContext => {
			const deadlineMs = clock.nowMs() + description.timeoutSeconds * 1000;
			cancelTimeout = clock.at(deadlineMs, `timeout of ${description.name}`, () => this.#discard(sandbox, timedOut));
			return {
				functionName: functionName(deployment.stage, description.name),
				awsRequestId,
				memoryLimitInMB: String(description.memoryMb),
				invokedFunctionArn: `arn:aws:lambda:${call.region}:000000000000:function:${functionName(deployment.stage, description.name)}`,
				deadlineMs,
			};
		};
		const hang = setTimeout(() => void this.#discard(sandbox, timedOut), HANG_LIMIT_MS + description.timeoutSeconds * 1000);
		try {
			return await sandbox.invoke(sandboxed, call.event, begin, call.activity);
		} finally {
			cancelTimeout();
			clearTimeout(hang);
		}
	}

	async #discard(sandbox: Sandbox, outcome: LambdaOutcome): Promise<void> {
		this.#forget(sandbox);
		await sandbox.terminate(outcome);
	}

	#forget(sandbox: Sandbox): void {
		this.#options.callers.revoke(sandbox.caller);
		for (const pool of this.#pools.values()) pool.remove(sandbox);
	}
}

function afterWallMs(ms: number, act: () => void): () => void {
	const timer = setTimeout(act, ms);
	return () => clearTimeout(timer);
}

const sandboxed = ({ name, entry, handler, environment }: FunctionDescription, deployment: Deployment): SandboxFunction => ({
	name,
	entry,
	handler,
	environment: { ...environmentFor(deployment, environment), AWS_LAMBDA_FUNCTION_NAME: functionName(deployment.stage, name) },
});
