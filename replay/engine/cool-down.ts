import type { ReplaySettings } from "#replay/result/replay-result.ts";

/** As the deployed rule. @see domain/placement/settings.ts */
const COOL_DOWN_HOURS = 6;

/**
 * Hours in which no change of a partition's set is decided on after one has come into force, for every policy alike. Changes of leadership
 * among standing copies have no cool-down.
 *
 * @returns 0 where copies are made for nothing, so that nothing is lost by another change
 */
export const coolDownHours = ({ moveCostMs }: Pick<ReplaySettings, "moveCostMs">): number => (moveCostMs === 0 ? 0 : COOL_DOWN_HOURS);
