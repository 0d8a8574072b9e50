export interface ViewerQuery {
	/** As it is sent on. */
	readonly text: string;
	/** Decoded; every value of every name. */
	readonly values: Record<string, string[]>;
}

const EMPTY: ViewerQuery = { text: "", values: {} };

/** A signature in the query would compete with the one in the headers. */
const RESERVED = /^x-amz-/i;

/**
 * A query string written anew from what it means, so that what is sent is what is signed, however it was written. Undefined where it
 * names what is reserved. Never throws.
 */
export function rewriteQuery(querystring: string): ViewerQuery | undefined {
	if (querystring === "") return EMPTY;
	const values: Record<string, string[]> = Object.create(null);
	const pairs: string[] = [];
	for (const [name, value] of new URLSearchParams(querystring)) {
		if (RESERVED.test(name)) return undefined;
		const known = values[name];
		if (known === undefined) values[name] = [value];
		else known.push(value);
		pairs.push(`${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
	}
	return { text: pairs.join("&"), values };
}
