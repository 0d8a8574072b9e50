import type { RegionId } from "#domain/geography/region-id.ts";
import { FUNCTIONS } from "#infra/description/functions.ts";
import { covers, type Named, type ResourceName, statementsOf } from "#infra/description/statements.ts";
import { type CallCount, CallLog } from "#local/gateway/call-log.ts";
import type { Caller } from "#local/gateway/callers.ts";
import type { NeededAction } from "#local/gateway/needed-actions.ts";

type Call = Omit<CallCount, "count">;

/** IAM of the local cloud: a function may do what its role on AWS says, other callers (the operator's own keys) everything. */
export class AccessControl {
	readonly #deployment: Named | undefined;
	readonly #functions = new Set(FUNCTIONS.map(({ name }) => name));
	readonly #roles = new Map<string, ReadonlyMap<string, readonly ResourceName[]>>();
	readonly #log = new CallLog();
	readonly #onFirst: (call: Call) => void;

	/**
	 * @param deployment absent: calls are counted only
	 * @param onFirst told of the first call of each kind
	 */
	constructor(deployment?: Named, onFirst: (call: Call) => void = () => {}) {
		this.#deployment = deployment;
		this.#onFirst = onFirst;
	}

	/** Counts what a call needs. @returns the first that the caller may not do */
	refusal(caller: Caller | undefined, region: string, needed: readonly NeededAction[]): NeededAction | undefined {
		let refused: NeededAction | undefined;
		for (const one of needed) {
			const granted = caller === undefined ? one.resource : this.#grantedTo(caller, one);
			const call: Call = {
				caller: caller?.name ?? "outside",
				from: caller?.region ?? region,
				action: one.action,
				resource: granted ?? one.resource,
				allowed: granted !== undefined,
			};
			if (this.#log.note(call)) this.#onFirst(call);
			if (granted === undefined) refused ??= one;
		}
		return refused;
	}

	/** Since the start. */
	calls(): readonly CallCount[] {
		return this.#log.counts();
	}

	/** The resource as the caller's role names it; undefined where it does not. */
	#grantedTo({ name, region }: Caller, { action, resource }: NeededAction): ResourceName | undefined {
		if (this.#deployment === undefined || !this.#functions.has(name)) return resource;
		return this.#roleOf(name, region, this.#deployment)
			.get(action)
			?.find((pattern) => covers(pattern, resource));
	}

	#roleOf(name: string, region: RegionId, deployment: Named): ReadonlyMap<string, readonly ResourceName[]> {
		const key = `${name}@${region}`;
		const known = this.#roles.get(key);
		if (known !== undefined) return known;
		const role = new Map<string, ResourceName[]>();
		for (const { actions, resources } of statementsOf(name, region, deployment)) {
			for (const action of actions) role.set(action, [...(role.get(action) ?? []), ...resources]);
		}
		this.#roles.set(key, role);
		return role;
	}
}
