/** Accesses that an estimate is taken to rest on besides the counted ones. */
const PRIOR_ACCESSES = 2;

/**
 * The standard error of a mean saving, in the unit of the saving: the error of a sample's mean.
 *
 * @param mean of the saving of an access
 * @param square mean of its square
 * @param accesses that both rest on
 */
export const standardError = (mean: number, square: number, accesses: number): number =>
	Math.sqrt(Math.max(0, square - mean * mean) / (accesses + PRIOR_ACCESSES));
