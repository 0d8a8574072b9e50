const ITEMS = /^\/v1\/partitions\/[^/]+\/items(\/.)?/s;

/** What a request of the data API reads, by method and path (percent-encoded, without a query): one item, a list, or nothing. */
export function readKind(method: string, uri: string): "item" | "list" | "nothing" {
	const match = method === "GET" ? ITEMS.exec(uri) : null;
	if (match === null) return "nothing";
	return match[1] === undefined ? "list" : "item";
}
