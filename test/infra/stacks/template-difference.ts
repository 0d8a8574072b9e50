import { readable } from "#test/infra/stacks/readable.ts";

type Leaves = ReadonlyMap<string, string>;

/** Every value of a template by where it stands, such as `Resources/Table/Properties/Replicas/1/Region`; references in one word, JSON in text opened. */
function leavesOf(template: unknown): Leaves {
	const leaves = new Map<string, string>();
	const walk = (given: unknown, path: string): void => {
		const value = opened(isReference(given) ? readable(given) : given);
		if (typeof value !== "object" || value === null) return void leaves.set(path, String(value));
		for (const [key, inner] of Object.entries(value)) walk(inner, path === "" ? key : `${path}/${key}`);
	};
	walk(template, "");
	return leaves;
}

const opened = (value: unknown): unknown => (typeof value === "string" && value.startsWith('{"') ? JSON.parse(value) : value);

const isReference = (value: unknown): boolean =>
	typeof value === "object" && value !== null && ["Ref", "Fn::GetAtt", "Fn::Join"].some((key) => key in value);

/** A resource's id, and the rest. */
const RESOURCE = /^Resources\/([^/]+)\/(.*)$/;

/**
 * What is otherwise in `other` than in `base`, to be read: a line a change, with the resources that have it indented below. What stands in a
 * list is told by its content, for its place says nothing.
 */
export function differenceOf(base: unknown, other: unknown): string {
	const [before, after] = [leavesOf(base), leavesOf(other)];
	const places = new Map<string, string[]>();
	const tell = (sign: string, path: string, value: string): void => {
		const [, resource = "(template)", inside = path] = RESOURCE.exec(path) ?? [];
		const change = `${sign} ${inside.replaceAll(/\/\d+(?=\/|$)/g, "/*")} = ${value}`;
		const found = places.get(change) ?? [];
		if (!found.includes(resource)) places.set(change, [...found, resource]);
	};
	const counted = (leaves: Leaves): ReadonlyMap<string, number> => {
		const counts = new Map<string, number>();
		for (const [path, value] of leaves) {
			const content = `${path.replaceAll(/\/\d+(?=\/|$)/g, "/*")}\n${value}`;
			counts.set(content, (counts.get(content) ?? 0) + 1);
		}
		return counts;
	};
	const [countsBefore, countsAfter] = [counted(before), counted(after)];
	for (const [content, count] of countsBefore) if (count > (countsAfter.get(content) ?? 0)) tell("-", ...split(content));
	for (const [content, count] of countsAfter) if (count > (countsBefore.get(content) ?? 0)) tell("+", ...split(content));
	return [...places].map(([change, resources]) => `${change}\n    ${resources.join(", ")}\n`).join("");
}

function split(content: string): [path: string, value: string] {
	const [path = "", ...value] = content.split("\n");
	return [path, value.join("\n")];
}
