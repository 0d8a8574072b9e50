import { FENCE_BUGS } from "#simulation/planted/fence-bugs.ts";
import { ITEM_BUGS } from "#simulation/planted/item-bugs.ts";
import { PROMOTION_BUGS } from "#simulation/planted/promotion-bugs.ts";
import type { Weakening } from "#simulation/planted/weakening.ts";

/** A rule of the protocol taken away. */
export interface PlantedBug {
	readonly name: string;
	/** The rule, as the protocol states it. */
	readonly rule: string;
	readonly weaken: Weakening;
}

/** Each of them must be found: checks that do not notice would prove nothing. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
	{
		name: "skip the quiesce",
		rule: "steady -> guarded waits until no writer that believes in steady can be alive",
		weaken: { settings: (settings) => ({ ...settings, quiesceSeconds: 0 }) },
	},
	{
		name: "believe a steady fence for a minute",
		rule: "a data plane believes a steady fence for guardTtl, 2 s",
		weaken: {
			dataClock: (clock) => {
				const startMs = clock.nowMs();
				return { nowMs: () => startMs + Math.floor((clock.nowMs() - startMs) / 30), sleep: (ms) => clock.sleep(ms) };
			},
		},
	},
	...FENCE_BUGS,
	...ITEM_BUGS,
	...PROMOTION_BUGS,
	{
		name: "let every canary and soak pass",
		rule: "each canary step and each look at a soak is judged on how the target has answered, and a breach cancels or goes back",
		weaken: { evidence: () => ({ slices: [], viewers: {}, divergences: {} }) },
	},
	{
		name: "make a copy without a note",
		rule: "an audit record says where every copy was and when",
		weaken: { migrations: { noteCopy: async () => {} } },
	},
	{
		name: "change the record without its version",
		rule: "claims, soaking -> settling and soaking -> rolling back are conditional, and one wins",
		weaken: {
			metadata: (metadata) => ({
				replace: async (next) => {
					metadata.put(next);
					return { kind: "written", record: next };
				},
			}),
		},
	},
];
