import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

const PAGES = ["*.md", "docs/**/*.md", "{bench,examples,guard,lambdas,local,simulation,test}/**/*.md"]
	.flatMap((pattern) => globSync(pattern))
	.toSorted();
const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Readonly<Record<string, string>> };

it.each(PAGES)("%s points at files and scripts that are there", (page) => {
	const text = readFileSync(page, "utf8");
	const links = [...text.matchAll(/\]\(([^)#\s:]+)(?:#[^)]*)?\)/g)].map(([, link = ""]) => link);
	expect(links.filter((link) => !existsSync(join(dirname(page), link)))).toEqual([]);
	const named = [...text.matchAll(/npm run ([a-z][a-z:-]*)/g)].map(([, name = ""]) => name);
	expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
});
