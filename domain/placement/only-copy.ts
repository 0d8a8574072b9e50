/** How a plan by the hour moves the only copy, which copies data each time. */
export interface OnlyCopyRule {
	/** What a move is charged in the plan, as a share of the copy's charge: it is for the week and longer. */
	readonly moveShare: number;
	/** What going away for some hours is charged, as a share of the copy's charge: it has to earn its ways within the plan. 0: never. */
	readonly excursionShare: number;
}

/** @see docs/adr/0407-a-single-copy-may-go-away-for-hours.md for where the numbers come from */
export const ONLY_COPY_RULE: OnlyCopyRule = { moveShare: 0.12, excursionShare: 1 };

export interface OnlyCopyQuestion {
	/** The present region, by its index. */
	readonly present: number;
	/** What making a copy is charged, in ms x accesses. */
	readonly moveCostMs: number;
	readonly rule: OnlyCopyRule;
	/** Where the cheapest plan begins if every move is charged so much; `present` where nothing is cheaper. */
	readonly begin: (chargeMs: number) => number;
	/** Whether the week's forecast is sure enough that leading there saves. */
	readonly isCertain: (to: number) => boolean;
}

export interface OnlyCopyMove {
	readonly to: number;
	readonly chargeMs: number;
	/** For some hours only: the week speaks for no move. */
	readonly away: boolean;
}

/**
 * Where the only copy goes, undefined where it stays. Where the week speaks for no move, the hours ahead may still pay for a way there and
 * back. Each is charged in full, so that no standard error of the week's forecast is asked for: it would never allow to leave the region
 * that is best in the mean.
 */
export function moveOnlyCopy({ present, moveCostMs, rule, begin, isCertain }: OnlyCopyQuestion): OnlyCopyMove | undefined {
	const chargeMs = rule.moveShare * moveCostMs;
	const to = begin(chargeMs);
	if (to !== present && (moveCostMs === 0 || isCertain(to))) return { to, chargeMs, away: false };
	const fullMs = rule.excursionShare * moveCostMs;
	const away = fullMs === 0 ? present : begin(fullMs);
	return away === present ? undefined : { to: away, chargeMs: fullMs, away: true };
}

/** Regions that lead for less than the present one even after the charge, the best first. @param costs ms x accesses of a plan that begins there, by region; infinite where none may */
export function betterPlaces(
	costs: Float64Array,
	present: number,
	chargeMs: number,
): readonly { readonly to: number; readonly gainMs: number }[] {
	const staying = costs[present] ?? 0;
	return [...costs]
		.map((cost, to) => ({ to, gainMs: staying - cost - chargeMs }))
		.filter(({ to, gainMs }) => to !== present && gainMs > 0)
		.sort((a, b) => b.gainMs - a.gainMs || a.to - b.to);
}
