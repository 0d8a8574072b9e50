import { ACCESS_LOG_MAPPING, STREAM_MAPPINGS } from "#infra/description/event-sources.ts";
import { TableName } from "#infra/description/tables.ts";

/** What an alarm looks at. Everything has a name that follows from the stage. */
export type AlarmMetric =
	| { readonly kind: "lambda"; readonly function: string; readonly metric: "Errors" | "Throttles" | "IteratorAge" }
	/** Log lines of a function, counted by one field. */
	| { readonly kind: "log"; readonly function: string; readonly field: "code" | "event"; readonly value: string }
	/** Messages in the dead-letter queue of a function. */
	| { readonly kind: "dead-letters"; readonly function: string }
	| {
			readonly kind: "state-machine";
			readonly machine: string;
			readonly metric: "ExecutionsFailed" | "ExecutionsTimedOut" | "ExecutionsSucceeded";
	  }
	| { readonly kind: "table"; readonly table: TableName; readonly metric: "WriteThrottleEvents" | "ReadThrottleEvents" }
	| { readonly kind: "endpoint"; readonly metric: "Invocation5XXErrors" }
	| { readonly kind: "distribution"; readonly metric: "5xxErrorRate" };

/** The thresholds that settings may change. */
export interface AlarmLimits {
	/** Seconds. */
	readonly feedSeconds: number;
	/** 0..1. */
	readonly errorShare: number;
}

/** Minutes between two runs, as settings have them. */
export interface Paces {
	readonly predictMinutes: number;
	readonly reconcileMinutes: number;
}

/** What an alarm looks back on. */
export interface AlarmWindow {
	readonly periodMinutes: number;
	/** In a row. */
	readonly periods: number;
}

/** One alarm as the stacks create it; its name is `heliotrope-<stage>-<name>`. */
export interface AlarmDescription {
	readonly name: string;
	/** What has happened when it rings, in a sentence. */
	readonly says: string;
	/** `docs/runbooks/<this>.md`. */
	readonly runbook: string;
	readonly where: "every-region" | "control" | "edge";
	readonly metric: AlarmMetric;
	readonly statistic: "Sum" | "Maximum" | "Average";
	readonly threshold: (limits: AlarmLimits) => number;
	/** Rings below the threshold instead of at or above it. @default above */
	readonly below?: true;
	readonly periodMinutes: number;
	/** Periods in a row. @default 1 */
	readonly periods?: number;
	/** Runs that its periods hold together at least, however far apart they are: periods are longer where runs are seldom. */
	readonly holds?: { readonly runs: number; readonly of: keyof Paces };
	/** No data is what it is about. @default no data is fine */
	readonly missingIsBad?: true;
}

const CARRIERS = STREAM_MAPPINGS.filter(({ where }) => where === "every-region").map((mapping) => mapping.function);
const any = () => 1;

const regional = (one: Omit<AlarmDescription, "where">): AlarmDescription => ({ ...one, where: "every-region" });
const control = (one: Omit<AlarmDescription, "where">): AlarmDescription => ({ ...one, where: "control" });

export const ALARMS: readonly AlarmDescription[] = [
	regional({
		name: "data-plane-errors",
		says: "The data plane answers with errors of its own.",
		runbook: "data-plane-errors",
		metric: { kind: "log", function: "serve-data", field: "event", value: "data-plane.failure" },
		statistic: "Sum",
		threshold: () => 10,
		periodMinutes: 5,
		periods: 2,
	}),
	regional({
		name: "data-plane-throttled",
		says: "Lambda turns requests to the data plane away.",
		runbook: "data-plane-throttled",
		metric: { kind: "lambda", function: "serve-data", metric: "Throttles" },
		statistic: "Sum",
		threshold: any,
		periodMinutes: 5,
	}),
	regional({
		name: "data-throttled",
		says: "The data table turns writes away.",
		runbook: "data-throttled",
		metric: { kind: "table", table: TableName.Data, metric: "WriteThrottleEvents" },
		statistic: "Sum",
		threshold: () => 100,
		periodMinutes: 5,
		periods: 2,
	}),
	...CARRIERS.map((carrier) =>
		regional({
			name: "feed-behind",
			says: "Copies in other regions learn of this region's writes late.",
			runbook: "feed-behind",
			metric: { kind: "lambda", function: carrier, metric: "IteratorAge" },
			statistic: "Maximum",
			threshold: ({ feedSeconds }) => feedSeconds * 1000,
			periodMinutes: 5,
			periods: 2,
		}),
	),
	...CARRIERS.map((carrier) =>
		regional({
			name: "feed-dead-letters",
			says: "Stream records were given up that were neither carried nor parked.",
			runbook: "feed-dead-letters",
			metric: { kind: "dead-letters", function: carrier },
			statistic: "Maximum",
			threshold: any,
			periodMinutes: 5,
		}),
	),
	regional({
		name: "carrier-defect",
		says: "The carrier of the stream met a defect.",
		runbook: "carrier-defect",
		metric: { kind: "log", function: "carry-stream", field: "event", value: "carry-stream.defect" },
		statistic: "Sum",
		threshold: any,
		periodMinutes: 5,
	}),
	regional({
		name: "sweep-fails",
		says: "Keys that the stream could not bring to other copies are not swept.",
		runbook: "sweep-fails",
		metric: { kind: "lambda", function: "sweep-parked", metric: "Errors" },
		statistic: "Sum",
		// Lambda tries a scheduled call twice again
		threshold: () => 3,
		periodMinutes: 360,
	}),
	regional({
		name: "sweep-defect",
		says: "The sweep of parked keys met a defect.",
		runbook: "sweep-fails",
		metric: { kind: "log", function: "sweep-parked", field: "event", value: "sweep-parked.defect" },
		statistic: "Sum",
		threshold: any,
		periodMinutes: 5,
	}),
	regional({
		name: "canary-divergence",
		says: "A copy was ahead of its leader.",
		runbook: "canary-divergence",
		metric: { kind: "log", function: "serve-data", field: "event", value: "canary.divergence" },
		statistic: "Sum",
		threshold: any,
		periodMinutes: 5,
	}),
	control({
		name: "migration-stuck",
		says: "A migration's executions keep failing.",
		runbook: "migration-does-not-end",
		metric: { kind: "log", function: "reconcile-migrations", field: "code", value: "migration.stuck" },
		statistic: "Sum",
		threshold: any,
		periodMinutes: 60,
	}),
	control({
		name: "migrations-fail",
		says: "Executions of migrations fail one after the other.",
		runbook: "migrations-fail",
		metric: { kind: "state-machine", machine: "migrate", metric: "ExecutionsFailed" },
		statistic: "Sum",
		threshold: () => 5,
		periodMinutes: 60,
	}),
	control({
		name: "migrations-time-out",
		says: "An execution of a migration ran for three days.",
		runbook: "migration-does-not-end",
		metric: { kind: "state-machine", machine: "migrate", metric: "ExecutionsTimedOut" },
		statistic: "Sum",
		threshold: any,
		periodMinutes: 60,
	}),
	control({
		name: "recovery-fails",
		says: "Recovery of migrations does not run through.",
		runbook: "recovery-fails",
		metric: { kind: "lambda", function: "reconcile-migrations", metric: "Errors" },
		statistic: "Sum",
		threshold: any,
		periodMinutes: 60,
		periods: 2,
		holds: { runs: 2, of: "reconcileMinutes" },
	}),
	control({
		name: "prediction-fails",
		says: "Runs of the prediction fail.",
		runbook: "prediction-fails",
		metric: { kind: "state-machine", machine: "predict", metric: "ExecutionsFailed" },
		statistic: "Sum",
		threshold: any,
		periodMinutes: 60,
		periods: 2,
		holds: { runs: 2, of: "predictMinutes" },
	}),
	control({
		name: "prediction-missing",
		says: "No run of the prediction has ended well for six hours, nor one of the last two.",
		runbook: "prediction-fails",
		metric: { kind: "state-machine", machine: "predict", metric: "ExecutionsSucceeded" },
		statistic: "Sum",
		threshold: any,
		below: true,
		periodMinutes: 360,
		missingIsBad: true,
		holds: { runs: 2, of: "predictMinutes" },
	}),
	control({
		name: "training-fails",
		says: "A retraining failed; the model in use stays.",
		runbook: "training-fails",
		metric: { kind: "state-machine", machine: "train", metric: "ExecutionsFailed" },
		statistic: "Sum",
		threshold: any,
		periodMinutes: 60,
	}),
	control({
		name: "model-errors",
		says: "The model's endpoint answers with errors.",
		runbook: "model-errors",
		metric: { kind: "endpoint", metric: "Invocation5XXErrors" },
		statistic: "Sum",
		threshold: any,
		periodMinutes: 60,
		periods: 2,
		// Runs of the prediction call it
		holds: { runs: 2, of: "predictMinutes" },
	}),
	control({
		name: "changes-behind",
		says: "The change feed of the metadata tells late what has happened.",
		runbook: "changes-behind",
		metric: { kind: "lambda", function: "publish-changes", metric: "IteratorAge" },
		statistic: "Maximum",
		threshold: ({ feedSeconds }) => feedSeconds * 1000,
		periodMinutes: 5,
		periods: 2,
	}),
	control({
		name: "changes-dead-letters",
		says: "Changes of the metadata were given up that nobody was told of.",
		runbook: "changes-behind",
		metric: { kind: "dead-letters", function: "publish-changes" },
		statistic: "Maximum",
		threshold: any,
		periodMinutes: 15,
	}),
	control({
		name: "counting-behind",
		says: "Accesses are counted late; forecasts miss the last hours.",
		runbook: "counting-behind",
		metric: { kind: "lambda", function: ACCESS_LOG_MAPPING.function, metric: "IteratorAge" },
		statistic: "Maximum",
		threshold: () => 30 * 60 * 1000,
		periodMinutes: 15,
	}),
	control({
		name: "counting-dead-letters",
		says: "Access records were given up uncounted.",
		runbook: "counting-behind",
		metric: { kind: "dead-letters", function: ACCESS_LOG_MAPPING.function },
		statistic: "Maximum",
		threshold: any,
		periodMinutes: 15,
	}),
	{
		name: "edge-errors",
		says: "Viewers get errors of the server.",
		runbook: "edge-errors",
		where: "edge",
		metric: { kind: "distribution", metric: "5xxErrorRate" },
		statistic: "Average",
		threshold: ({ errorShare }) => errorShare * 100,
		periodMinutes: 5,
		periods: 2,
	},
];

const MINUTES_A_DAY = 1440;

/** The periods of an alarm at the paces of a deployment. One that would be longer than a day becomes several: nothing in any of them is nothing in all. */
export function windowOf({ periodMinutes, periods = 1, holds }: AlarmDescription, paces: Paces): AlarmWindow {
	const needed = holds === undefined ? 0 : (holds.runs * paces[holds.of]) / periods;
	const minutes = Math.max(periodMinutes, needed);
	const days = Math.ceil(minutes / MINUTES_A_DAY);
	return { periodMinutes: minutes / days, periods: periods * days };
}

export const alarmName = (stage: string, name: string): string => `heliotrope-${stage}-${name}`;
