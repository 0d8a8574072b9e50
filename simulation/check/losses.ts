import { compareVersions, etagOf, type Version } from "#domain/partition/version.ts";
import type { History } from "#simulation/check/history.ts";
import { givenUp } from "#simulation/check/promotion-mark.ts";
import { Invariant, type Violations } from "#simulation/check/violations.ts";
import { OperationKind } from "#simulation/scenario.ts";

/** Every acknowledged write that a promotion gave up is kept for whoever asks for it, or a later one of the same key is. */
export function checkLosses(history: History, kept: ReadonlyMap<string, Version>, violations: Violations): void {
	if (history.promotions.length === 0) return;
	for (const { operation, status } of history.calls) {
		const { kind, id, key } = operation;
		if (kind === OperationKind.Get || kind === OperationKind.List || status === undefined || status >= 300) continue;
		const version = history.versionOf(id);
		if (version === undefined || !givenUp(history.promotions, key, version)) continue;
		const held = kept.get(key);
		violations.expect(
			held !== undefined && compareVersions(held, version) >= 0,
			Invariant.NoLoss,
			() => `${kind} #${id} of ${key} at ${etagOf(version)} was given up by a promotion and is not listed as lost`,
		);
	}
}
