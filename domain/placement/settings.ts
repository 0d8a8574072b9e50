export interface PlacementSettings {
	/** Hours after a change of leadership before the next. Default 6, range 0..168. */
	readonly coolDownHours: number;
	/** The least saving as a share of the present mean round-trip time. Default 0.1, range 0..1. */
	readonly minRelativeSaving: number;
	/** What a move costs, in ms of round-trip time times accesses. Default 100: a move that copies data. */
	readonly moveCostMs: number;
	/** The share of the move's cost that the forecast window's saving must exceed. Default 0.5. */
	readonly costShare: number;
	/** How many standard errors the saving must be away from zero: 0 nearly free moves, 1 normal (default), 3 dear ones. */
	readonly minZScore: number;
	/** The forecast horizon that chooses the region; hours. Default 168. */
	readonly windowHours: number;
	/** The share of partitions that are never moved for a saving, so that the others have something to be measured against. Default 0.01, range 0..1. */
	readonly holdoutShare: number;
}

/** Defaults for one copy where every move copies data. @see docs/internals/prediction.md for where the numbers come from */
export const PLACEMENT_SETTINGS: PlacementSettings = {
	coolDownHours: 6,
	minRelativeSaving: 0.1,
	moveCostMs: 100,
	costShare: 0.5,
	minZScore: 1,
	windowHours: 168,
	holdoutShare: 0.01,
};
