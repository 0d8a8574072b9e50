import { Consistency } from "#domain/partition/consistency.ts";
import { versionOfTag } from "#domain/partition/etag.ts";
import { compareVersions, etagOf, type Version } from "#domain/partition/version.ts";
import type { Call, History } from "#simulation/check/history.ts";
import { ABSENT } from "#simulation/check/linearizability.ts";
import { givenUp } from "#simulation/check/promotion-mark.ts";
import { Invariant, type Violations } from "#simulation/check/violations.ts";
import { OperationKind } from "#simulation/scenario.ts";

/** What one session has seen of each key, at least. */
type Floors = Map<string, Version>;

/**
 * Checks what every answer of a copy promises, that it was once true; and for sessions that each reads its own writes and never goes
 * back, per key.
 */
export function checkSessions(history: History, violations: Violations): void {
	const floors = new Map<number, Floors>();
	for (const call of history.calls) {
		checkTrue(history, violations, call);
		if (call.consistency !== Consistency.Session || call.status === undefined) continue;
		const own = floors.get(call.client) ?? new Map<string, Version>();
		floors.set(call.client, own);
		// What a promotion gave up no session can be shown again.
		const before = history.promotions.filter(({ position }) => position < call.end);
		for (const [key, version] of own) if (givenUp(before, key, version)) own.delete(key);
		if (history.isStale(call)) continue;
		const { kind, id, key } = call.operation;
		if (kind === OperationKind.Get && call.status === 200) sees(history, violations, call, own, key, call.tag);
		else if (kind === OperationKind.Get && call.status === 404) sees(history, violations, call, own, key, undefined);
		else if (kind === OperationKind.List)
			for (const listed of call.listed?.keys() ?? []) sees(history, violations, call, own, listed, call.tags?.get(listed));
		else if (call.status < 300) raise(own, key, history.versionOf(id));
	}
}

/** The content is what was written as this version. */
function checkTrue(history: History, violations: Violations, { operation, client, status, seen, tag }: Call): void {
	if (operation.kind !== OperationKind.Get || status !== 200 || tag === undefined) return;
	const written = history.valueOf(operation.key, tag);
	violations.expect(
		written === seen,
		Invariant.Session,
		() => `get #${operation.id} by client ${client} was told ${seen} at ${tag}, which is ${written}`,
	);
}

/** @param tag of what was read; undefined: nothing was there */
function sees(history: History, violations: Violations, call: Call, floors: Floors, key: string, tag: string | undefined): void {
	const floor = floors.get(key);
	const label = `${call.operation.kind} #${call.operation.id} of session ${call.client}, served by ${call.servedBy ?? "?"},`;
	if (tag === undefined) {
		if (floor === undefined) return;
		const tombstone = history.valueOf(key, etagOf(floor)) === ABSENT ? floor : history.tombstoneFrom(key, floor);
		violations.expect(tombstone !== undefined, Invariant.Session, () => `${label} found no ${key} after it had seen ${etagOf(floor)}`);
		raise(floors, key, tombstone);
		return;
	}
	const version = versionOfTag(tag);
	const goesBack = floor !== undefined && version !== undefined && compareVersions(version, floor) < 0;
	violations.expect(
		!goesBack,
		Invariant.Session,
		() => `${label} read ${key} at ${tag} after it had seen ${floor === undefined ? "nothing" : etagOf(floor)}`,
	);
	raise(floors, key, version);
}

function raise(floors: Floors, key: string, version: Version | undefined): void {
	const known = floors.get(key);
	if (version !== undefined && (known === undefined || compareVersions(version, known) > 0)) floors.set(key, version);
}
