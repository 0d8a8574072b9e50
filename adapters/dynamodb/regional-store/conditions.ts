import { Attribute } from "#adapters/dynamodb/regional-store/codec.ts";
import { num } from "#adapters/dynamodb/regional-store/table-context.ts";
import { allOf, anyOf, type Terms } from "#adapters/dynamodb/regional-store/terms.ts";
import { parseTags } from "#domain/partition/etag.ts";
import type { FenceExpectation, FenceRole } from "#domain/partition/fence.ts";
import type { ItemWrite } from "#domain/partition/item.ts";
import type { Version } from "#domain/partition/version.ts";
import { KEY } from "#infra/description/tables.ts";

/** `meetsExpectation` (domain/partition/fence-rules.ts) as a condition: an expired fence counts as absent. */
export function expectationCondition(terms: Terms, expect: FenceExpectation, nowMs: number): string {
	const nowSeconds = num(Math.floor(nowMs / 1000));
	if (expect === "absent") return anyOf(terms.notExists(KEY.partitionKey), terms.compare(Attribute.ExpiresAt, "<=", nowSeconds));
	const { role, epoch, mode, migrationId } = expect;
	return allOf(
		terms.exists(KEY.partitionKey),
		anyOf(terms.notExists(Attribute.ExpiresAt), terms.compare(Attribute.ExpiresAt, ">", nowSeconds)),
		...(role === undefined ? [] : [roleIn(terms, typeof role === "string" ? [role] : role)]),
		...(epoch === undefined ? [] : [terms.compare(Attribute.Epoch, "=", num(epoch))]),
		...(mode === undefined ? [] : [terms.compare(Attribute.Mode, "=", { S: mode })]),
		...(migrationId === undefined ? [] : [migrationIs(terms, migrationId)]),
	);
}

const roleIn = (terms: Terms, roles: readonly FenceRole[]): string =>
	`${terms.name(Attribute.Role)} IN (${roles.map((role) => terms.value({ S: role })).join(", ")})`;

const migrationIs = (terms: Terms, migrationId: string | null): string =>
	migrationId === null ? terms.notExists(Attribute.MigrationId) : terms.compare(Attribute.MigrationId, "=", { S: migrationId });

/** The row still holds exactly this version; undefined: there is no row. */
export const versionIs = (terms: Terms, version: Version | undefined): string =>
	version === undefined
		? terms.notExists(KEY.partitionKey)
		: allOf(terms.compare(Attribute.Epoch, "=", num(version.epoch)), terms.compare(Attribute.N, "=", num(version.n)));

/** There is no row, or an older one. */
export const olderThan = (terms: Terms, version: Version): string =>
	anyOf(
		terms.notExists(KEY.partitionKey),
		terms.compare(Attribute.Epoch, "<", num(version.epoch)),
		allOf(terms.compare(Attribute.Epoch, "=", num(version.epoch)), terms.compare(Attribute.N, "<", num(version.n))),
	);

/** `judgeWrite` (domain/partition/judge-write.ts) as a condition: holds exactly when the verdict is `put`. */
export function writeCondition(terms: Terms, write: ItemWrite, epoch: number): string {
	const unowned = allOf(terms.compare(Attribute.Epoch, "<=", num(epoch)), terms.compare(Attribute.RequestId, "<>", { S: write.requestId }));
	const conditions = [anyOf(terms.notExists(KEY.partitionKey), unowned)];
	if (write.content === undefined || write.precondition.kind === "if-match")
		conditions.push(terms.compare(Attribute.Deleted, "=", { BOOL: false }));
	if (write.precondition.kind === "if-match") conditions.push(...tagCondition(terms, write.precondition.etag));
	if (write.precondition.kind === "if-none-match-any")
		conditions.push(anyOf(terms.notExists(KEY.partitionKey), terms.compare(Attribute.Deleted, "=", { BOOL: true })));
	return allOf(...conditions);
}

/** No stored version has these numbers: the condition for a tag that this store never gave out. */
const NEVER: Version = { epoch: -1, n: -1 };

function tagCondition(terms: Terms, field: string): readonly string[] {
	const tags = parseTags(field);
	if (tags === "any") return [];
	return [anyOf(...(tags.length === 0 ? [NEVER] : tags).map((tag) => versionIs(terms, tag)))];
}
