import { globSync, readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { main } from "#cli/program.ts";

const PAGES = ["*.md", "docs/**/*.md", "{bench,examples,guard,simulation,test}/**/*.md", "infra/**/*.ts"]
	.flatMap((pattern) => globSync(pattern))
	.toSorted();
/** Commands with commands of their own. */
const GROUPS = ["partitions", "migrations", "predictions", "regions", "freeze", "events", "savings", "cursor-keys"];

interface Written {
	readonly page: string;
	/** What follows `heliotrope`, without a comment or the rest of a pipe. */
	readonly command: string;
}

/** Commands in code blocks and code spans: with `npx heliotrope`, or in spans a group's command alone. */
function commandsOf(page: string): readonly Written[] {
	const text = readFileSync(page, "utf8").replaceAll(/\\\n\s*/g, "");
	const called = [...text.matchAll(/npx heliotrope ([^`\n]*)/g)].map(([, rest = ""]) => rest);
	const alone = [...text.matchAll(new RegExp(`\`((?:${GROUPS.join("|")}) [a-z][^\`\n]*)\``, "g"))].map(([, command = ""]) => command);
	return [...called, ...alone].map((command) => ({ page, command: (command.split(/ #|[|;&)]|, /)[0] ?? "").trim() }));
}

/** The help of a command; most write it to the standard output itself. */
async function helpOf(path: readonly string[]): Promise<string> {
	let help = "";
	const collect = (text: unknown): boolean => {
		help += String(text);
		return true;
	};
	const output = vi.spyOn(process.stdout, "write").mockImplementation(collect);
	await main([...path, "--help"], () => undefined, collect);
	output.mockRestore();
	return help;
}

/** What of a command the command line does not know; undefined where it knows all. */
async function wrongIn(command: string): Promise<string | undefined> {
	const words = command.match(/"[^"]*"|'[^']*'|<[^>]*>|\S+/g) ?? [];
	const isGroup = GROUPS.includes(words[0] ?? "");
	const path = words.slice(0, isGroup && /^[a-z][a-z-]*$/.test(words[1] ?? "") ? 2 : 1);
	const help = await helpOf(path);
	const usage = /^Usage: heliotrope (.*)$/m.exec(help)?.[1] ?? "";
	if (!usage.startsWith(path.join(" "))) return `there is no ${path.join(" ")}`;
	const unknown = words.filter((word) => /^\[?--/.test(word)).filter((word) => !new RegExp(`${flagOf(word)}\\b`).test(help));
	return unknown.length === 0 ? undefined : `${path.join(" ")} has no ${unknown.join(" ")}`;
}

const flagOf = (word: string): string => /--[a-z-]+/.exec(word)?.[0] ?? word;

describe("the commands that pages name", () => {
	const written = PAGES.flatMap(commandsOf);

	it("are found", () => {
		expect(written.length).toBeGreaterThan(80);
	});

	it.each(PAGES.filter((page) => written.some((one) => one.page === page)))("exist, with their options, in %s", async (page) => {
		const commands = [...new Set(written.filter((one) => one.page === page).map(({ command }) => command))];
		const wrong: string[] = [];
		// One after the other: they share the standard output
		for (const command of commands) {
			const what = await wrongIn(command);
			if (what !== undefined) wrong.push(`${command}: ${what}`);
		}
		expect(wrong).toEqual([]);
	});
});
