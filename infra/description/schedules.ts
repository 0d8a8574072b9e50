/** One schedule as both EventBridge Scheduler and the local cloud run it. Fires at multiples of `everyMinutes` since the Unix epoch, plus `offsetMinutes`. */
export interface ScheduleDescription {
	readonly name: string;
	readonly everyMinutes: number;
	readonly offsetMinutes: number;
	/** A state machine gets an execution with input `{"scheduledTime": ISO 8601}`; a function gets the same as its event. */
	readonly target: { readonly stateMachine: string } | { readonly function: string };
	/** What the local cloud adds to a function's event; a deployment adds nothing. */
	readonly localEvent?: Readonly<Record<string, unknown>>;
	/** `every-region`: one schedule a region, of the function there. @default the control region */
	readonly where?: "every-region";
}

export const SCHEDULES: readonly ScheduleDescription[] = [
	{ name: "predict", everyMinutes: 60, offsetMinutes: 6, target: { stateMachine: "predict" } },
	// Sundays, 03:20 UTC: the epoch was a Thursday.
	{ name: "train", everyMinutes: 7 * 24 * 60, offsetMinutes: 3 * 24 * 60 + 200, target: { stateMachine: "train" } },
	// Deployments run it every ten minutes (`schedules.reconcileMinutes`), sweep included; here a played year would consist of that.
	{
		name: "reconcile",
		everyMinutes: 60,
		offsetMinutes: 30,
		target: { function: "reconcile-migrations" },
		localEvent: { sweeps: false },
	},
	// Deployments sweep every six hours (`schedules.sweepMinutes`).
	{ name: "sweep-parked", everyMinutes: 1440, offsetMinutes: 45, target: { function: "sweep-parked" }, where: "every-region" },
];
