/** What a partition without history of its own is taken to be like. */
export type Parent =
	| { readonly kind: "prefix"; readonly name: string }
	| { readonly kind: "segment"; readonly name: string }
	| { readonly kind: "global" };

const SEPARATORS = ["/", ":", "."];

/** The partition's name up to its last separator (`/`, `:`, `.`); a name without one has its segment as parent; without that, everybody. */
export function parentOf(partition: string, segment: string | undefined): Parent {
	const end = Math.max(...SEPARATORS.map((separator) => partition.lastIndexOf(separator)));
	if (end > 0) return { kind: "prefix", name: partition.slice(0, end) };
	return segment === undefined || segment === "" ? { kind: "global" } : { kind: "segment", name: segment };
}

/** A string that tells every parent from every other; undefined for the global one, which needs no state of its own. */
export const parentKey = (parent: Parent): string | undefined => (parent.kind === "global" ? undefined : `${parent.kind}:${parent.name}`);

/** The parents that a partition with these segments may have: that of its name, else one a segment. */
export function parentKeysOf(partition: string, segments: readonly string[]): readonly string[] {
	const named = parentKey(parentOf(partition, undefined));
	return named === undefined ? segments.map((segment) => `segment:${segment}`) : [named];
}
