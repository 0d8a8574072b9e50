import { type AwsService, awsError } from "#local/gateway/aws-service.ts";
import type { Caller } from "#local/gateway/callers.ts";

interface PlannedCrash {
	/** 1-based: the instance dies before this write is sent. */
	readonly write: number;
	readonly writesBy: Map<Caller, number>;
}

/** Crashes instances of functions at a chosen write: the write never happens and the instance is gone. */
export class StageCrashes {
	readonly #planned = new Map<string, PlannedCrash>();
	readonly #crash: (caller: Caller) => Promise<void>;
	readonly #isWrite: (operation: string) => boolean;

	constructor(options: { crash: (caller: Caller) => Promise<void>; isWrite: (operation: string) => boolean }) {
		this.#crash = options.crash;
		this.#isWrite = options.isWrite;
	}

	plan(functionName: string, write: number): void {
		this.#planned.set(functionName, { write, writesBy: new Map() });
	}

	forget(): void {
		this.#planned.clear();
	}

	/** The service as functions see it, with the planned crashes in front. */
	guard(service: AwsService): AwsService {
		return {
			name: service.name,
			handle: async (call) => {
				const planned = call.caller === undefined ? undefined : this.#planned.get(call.caller.name);
				if (planned === undefined || call.caller === undefined || !this.#isWrite(call.operation ?? "")) return service.handle(call);
				const writes = (planned.writesBy.get(call.caller) ?? 0) + 1;
				planned.writesBy.set(call.caller, writes);
				if (writes < planned.write) return service.handle(call);
				this.#planned.delete(call.caller.name);
				await this.#crash(call.caller);
				return awsError(500, "InternalServerError", "the caller is gone");
			},
		};
	}
}
