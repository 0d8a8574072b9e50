import { type IssuerPolicy, PLACEHOLDER } from "#domain/access/policy.ts";
import type { PartitionId } from "#domain/partition/partition-id.ts";

/** What a caller needs for an operation. */
export type Need = "read" | "write";

/** What a verified token lets its bearer do. */
export interface Grant {
	/** Whole partition names. */
	readonly partitions: ReadonlySet<string>;
	/** Beginnings of partition names, each closed by a delimiter. */
	readonly prefixes: readonly string[];
	readonly read: boolean;
	readonly write: boolean;
}

/** Why a caller may not, in the order in which it is looked at: who may not see a partition learns nothing about scopes. */
export type Denial = "partition" | "scope";

type Claims = Readonly<Record<string, unknown>>;

/** What may stand for the placeholder: characters of a partition's name. */
const VALUE = /^[A-Za-z0-9._~:-]{1,128}$/;

/** Reads a verified token's claims. Values that no partition can be named by are left out, so they grant nothing. */
export function grantOf(claims: Claims, { partitions, scopes }: Pick<IssuerPolicy, "partitions" | "scopes">): Grant {
	const { claim, template, match } = partitions;
	const names = strings(claims[claim])
		.filter((value) => VALUE.test(value) && !(match === "prefix" && leavesItsPrefix(value, template)))
		.map((value) => template.replace(PLACEHOLDER, () => value));
	const held = new Set(strings(claims[scopes.claim]).flatMap((text) => text.split(" ")));
	return {
		partitions: new Set(match === "exact" ? names : []),
		prefixes: match === "prefix" ? names : [],
		read: held.has(scopes.read),
		write: held.has(scopes.write),
	};
}

/** Undefined: the caller may. */
export function denialOf(grant: Grant, partition: PartitionId, needs: ReadonlySet<Need>): Denial | undefined {
	if (!grant.partitions.has(partition) && !grant.prefixes.some((prefix) => partition.startsWith(prefix))) return "partition";
	return [...needs].every((need) => grant[need]) ? undefined : "scope";
}

/**
 * Whether what closes the prefix comes before its end: tenant `a:b` would be below tenant `a`, and with `{}::` so would `a:`. Where it does not,
 * no prefix begins another: the template's tail stands in each for the first time at its end.
 */
function leavesItsPrefix(value: string, template: string): boolean {
	const [, tail = ""] = template.split(PLACEHOLDER);
	return `${value}${tail}`.indexOf(tail) < value.length;
}

const strings = (value: unknown): readonly string[] =>
	typeof value === "string" ? [value] : Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
