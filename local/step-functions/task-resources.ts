import assert from "node:assert";

interface AslState {
	readonly Type: string;
	readonly Resource?: string;
	readonly Iterator?: AslMachine;
	readonly ItemProcessor?: AslMachine;
	readonly Branches?: readonly AslMachine[];
}
interface AslMachine {
	readonly States: Readonly<Record<string, AslState>>;
}

/**
 * The resource of every Task state by state name, nested states included.
 *
 * @throws AssertionError when two Task states share a name: the interpreter overrides tasks by name
 */
export function taskResources(definition: unknown): ReadonlyMap<string, string> {
	const resources = new Map<string, string>();
	collect(definition as AslMachine, resources);
	return resources;
}

function collect(machine: AslMachine, resources: Map<string, string>): void {
	for (const [name, state] of Object.entries(machine.States)) {
		if (state.Type === "Task") {
			assert(!resources.has(name), `two Task states are named ${name}`);
			resources.set(name, state.Resource ?? "");
		}
		for (const nested of [state.Iterator, state.ItemProcessor, ...(state.Branches ?? [])])
			if (nested !== undefined) collect(nested, resources);
	}
}
