/** The chance, at most, of calling a share too high that is not. A migration judges a handful of shares. */
const SIGNIFICANCE = 0.01;

/**
 * Whether `hits` of `trials` are too many to be chance if each is a hit with probability `share` (0..1): a one-sided exact binomial test.
 * Never true at or below the share itself.
 */
export function exceeds(hits: number, trials: number, share: number): boolean {
	if (hits <= trials * share) return false;
	if (share <= 0) return true;
	let term = Math.exp(lnChoose(trials, hits) + hits * Math.log(share) + (trials - hits) * Math.log1p(-share));
	let tail = term;
	// past the mean every term is smaller than the one before
	for (let k = hits + 1; k <= trials && term > tail * 1e-12; k++) {
		term *= ((trials - k + 1) / k) * (share / (1 - share));
		tail += term;
	}
	return tail < SIGNIFICANCE;
}

const lnChoose = (n: number, k: number): number => lnFactorial(n) - lnFactorial(k) - lnFactorial(n - k);

/** Stirling's series; the error is below 0.003 from 1 on. @see https://dlmf.nist.gov/5.11 */
const lnFactorial = (n: number): number =>
	n < 2 ? 0 : n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + 1 / (12 * n) - 1 / (360 * n ** 3);
