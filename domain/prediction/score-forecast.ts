import type { HourCount } from "#domain/prediction/feature-state.ts";
import type { PredictionVector } from "#domain/prediction/prediction-vector.ts";

/** How a forecast compares with what came, summed over accesses: divide by `accesses` for means. */
export interface ForecastScore {
	readonly accesses: number;
	/** -ln P of the region that each access came from, in nats. */
	readonly logLoss: number;
	/** What the log-loss would be on average if the forecast were right about its own uncertainty: its entropy, in nats. */
	readonly entropy: number;
	/** P of the likeliest region: how often the forecast says that it is right. */
	readonly confidence: number;
	/** Accesses that came from that region: how often it was. */
	readonly hits: number;
}

export const NOTHING_SCORED: ForecastScore = { accesses: 0, logLoss: 0, entropy: 0, confidence: 0, hits: 0 };

/** Probabilities are at least this, as forecasts floor them; regions that a forecast does not know are as unlikely. */
const FLOOR = 1e-4;
const HOUR_MS = 3_600_000;

/** Scores a forecast against the accesses of hours inside its window; those outside say nothing about it. */
export function scoreForecast(vector: PredictionVector, counts: readonly HourCount[]): ForecastScore {
	const fromHour = Math.floor(vector.madeAtMs / HOUR_MS);
	const inside = counts.filter(({ hour }) => hour >= fromHour && hour < fromHour + vector.windowHours);
	const accesses = inside.reduce((sum, { count }) => sum + count, 0);
	if (accesses === 0) return NOTHING_SCORED;
	const { probabilities, regions } = vector;
	const likelihood = (region: string): number => {
		const index = (regions as readonly string[]).indexOf(region);
		return Math.max(FLOOR, probabilities[index] ?? 0);
	};
	const top = Math.max(...probabilities);
	const likeliest = regions[probabilities.indexOf(top)];
	const entropy = probabilities.reduce((sum, p) => sum - (p === 0 ? 0 : p * Math.log(p)), 0);
	return {
		accesses,
		logLoss: inside.reduce((sum, { region, count }) => sum - count * Math.log(likelihood(region)), 0),
		entropy: accesses * entropy,
		confidence: accesses * top,
		hits: inside.reduce((sum, { region, count }) => sum + (region === likeliest ? count : 0), 0),
	};
}

export const addScores = (a: ForecastScore, b: ForecastScore): ForecastScore => ({
	accesses: a.accesses + b.accesses,
	logLoss: a.logLoss + b.logLoss,
	entropy: a.entropy + b.entropy,
	confidence: a.confidence + b.confidence,
	hits: a.hits + b.hits,
});
