import { isPartitionId, type PartitionId } from "#domain/partition/partition-id.ts";
import { encodePartition } from "#replay/readers/encode-partition.ts";

/** Where a request's partition stands: in its path, its host, or a parameter of its query. */
export interface PartitionRule {
	readonly source: "path" | "host" | "query";
	/** The raw name in the text of the source; undefined where it has none. */
	readonly find: (text: string) => string | undefined;
	/** The name as a partition, or undefined where it is too long. */
	readonly encode: (name: string) => PartitionId | undefined;
}

const PLACEHOLDER = "{partition}";
const HINT = "a path such as '/tenants/{partition}/*', 'host:{partition}.example.com' or 'query:tenant'";

/** The rule of Heliotrope's own data API, whose paths hold partitions as they are. */
export const DATA_API_RULE: PartitionRule = {
	...pathRule("/v1/partitions/{partition}"),
	encode: (name) => (isPartitionId(name) ? name : encodePartition(name)),
};

/**
 * Reads a rule: a path template (`*` is any one segment, what follows the template is free), `host:TEMPLATE` or `query:NAME`.
 *
 * @throws RangeError in one line that says what would be right
 */
export function parsePartitionRule(text: string): PartitionRule {
	if (text.startsWith("query:")) return queryRule(text.slice("query:".length));
	const isHost = text.startsWith("host:");
	if (!isHost && !text.startsWith("/")) throw new RangeError(`takes ${HINT}, not ${JSON.stringify(text.slice(0, 80))}`);
	if (text.split(PLACEHOLDER).length !== 2) throw new RangeError(`needs {partition} once, as in ${HINT}`);
	return isHost ? hostRule(text.slice("host:".length)) : pathRule(text);
}

function pathRule(template: string): PartitionRule {
	const segments = template.replace(/\/(\*|\.\.\.|…)?$/, "").split("/");
	const pattern = new RegExp(`^${segments.map((segment) => segmentPattern(segment, "[^/]")).join("/")}(?:/|$)`);
	return { source: "path", find: (path) => pattern.exec(path.split("?", 1)[0] ?? "")?.[1], encode: encodePartition };
}

function hostRule(template: string): PartitionRule {
	const labels = template.toLowerCase().split(".");
	const pattern = new RegExp(`^${labels.map((label) => segmentPattern(label, "[^.]")).join("\\.")}$`);
	return { source: "host", find: (host) => pattern.exec(host.toLowerCase().replace(/:\d+$/, ""))?.[1], encode: encodePartition };
}

function queryRule(name: string): PartitionRule {
	if (!/^[\w.~[\]-]+$/.test(name)) throw new RangeError(`needs the name of a query parameter after query:, as in ${HINT}`);
	const find = (query: string): string | undefined => new URLSearchParams(query.replace(/^[^?]*\?/, "")).get(name) ?? undefined;
	return { source: "query", find, encode: encodePartition };
}

/** `*` alone, or a literal that may hold the placeholder. Each part stands for one segment, so that no text makes it slow. */
function segmentPattern(segment: string, character: string): string {
	return segment === "*" ? `${character}*` : segment.split(PLACEHOLDER).map(escapePattern).join(`(${character}+)`);
}

function escapePattern(text: string): string {
	return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
