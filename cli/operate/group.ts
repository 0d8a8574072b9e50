import type { Command, OptionValues } from "commander";
import { type OperatingFlags, type Operator, withConnection } from "#cli/operate/operation.ts";
import { UsageError } from "#cli/usage-error.ts";

/** How a parsed command is run. */
export interface Group {
	run(flags: OperatingFlags, work: (operator: Operator) => Promise<number>): Promise<void>;
}

/** Adds one command to a group. `usage` names the command and its arguments, all required. */
export type Add = <F extends OptionValues>(
	usage: string,
	description: string,
	work: (operator: Operator, args: Arguments, flags: F) => Promise<number>,
	configure?: (command: Command) => Command,
) => void;

/** The arguments of a command; those its usage names are there. */
type Arguments = readonly [string, string, ...string[]];

/** A command that has commands of its own; without one of them it says which there are. */
export function group(program: Command, name: string, description: string, { run }: Group): { readonly add: Add } {
	const parent = program
		.command(name)
		.description(description)
		.allowExcessArguments(true)
		.allowUnknownOption(true)
		.action((_flags: unknown, self: Command) => {
			const known = self.commands.map((command) => command.name()).join(", ");
			const [given] = self.args;
			throw new UsageError(
				given === undefined || given.startsWith("-")
					? `give a command: ${name} ${known}`
					: `${name} has no command ${given}; known: ${known}`,
			);
		});
	const add: Add = (usage, about, work, configure = (command) => command) => {
		const command = configure(withConnection(parent.command(usage).description(about).allowExcessArguments(false)));
		command.action(() => {
			// Commander has seen to it that the arguments of the usage are there; the rest is never read.
			const [first = "", second = "", ...more] = command.args;
			return run(command.opts(), (operator) => work(operator, [first, second, ...more], command.opts()));
		});
	};
	return { add };
}
