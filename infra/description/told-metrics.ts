/** All metrics of a deployment, which shares its account with others: those that functions tell, and those counted from log lines. */
export const metricNamespace = (stage: string): string => `Heliotrope/${stage}`;

/** A metric that a function writes of itself, in the embedded format; sums of an invocation. */
export interface ToldMetric {
	readonly name: string;
	readonly dimensions: Readonly<Record<string, string>>;
}

const by = (service: string, name: string, more: Readonly<Record<string, string>> = {}): ToldMetric => ({
	name,
	dimensions: { service, ...more },
});

/** What the dashboard shows of them. */
export const Told = {
	/** Requests whose viewer's region is known. */
	Served: by("count-accesses", "RequestsServed"),
	/** Those answered in that region. */
	ServedNear: by("count-accesses", "RequestsServedNear"),
	/** In ms, against the control region serving everybody; below 0 where requests go further. */
	RoundTripSaved: by("count-accesses", "RoundTripSavedMs"),
	/** From the old leader's fence to the decision, in ms. */
	WritePause: by("run-stage", "WritePauseMs", { stage: "Cutover" }),
	/** Accesses that a stored forecast of the shortest window had foreseen, or not. */
	ForecastsScored: by("predict-placement", "AccessesScored"),
	/** In nats. */
	ForecastLogLoss: by("predict-placement", "ForecastLogLoss"),
	/** What the log-loss is on average where a forecast is right about its own uncertainty, in nats. */
	ForecastEntropy: by("predict-placement", "ForecastEntropy"),
	/** Probability of the likeliest region. */
	ForecastConfidence: by("predict-placement", "ForecastConfidence"),
	/** Accesses from that region. */
	ForecastHits: by("predict-placement", "ForecastHits"),
} as const satisfies Record<string, ToldMetric>;
