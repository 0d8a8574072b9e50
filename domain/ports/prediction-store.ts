import type { PartitionId } from "#domain/partition/partition-id.ts";
import type { Calibration, Probe } from "#domain/prediction/calibration.ts";
import type { GlobalState, ParentState, PartitionState } from "#domain/prediction/feature-state.ts";
import type { HourlyOutlook } from "#domain/prediction/outlook.ts";
import type { PredictionVector } from "#domain/prediction/prediction-vector.ts";

/** How far forecasting has come. */
export interface RunProgress {
	/** Counts reported up to this hour are in every state and forecast; undefined before the first run. */
	readonly throughHour: number | undefined;
	/** Refreshes due up to this hour are done. */
	readonly dueThroughHour: number | undefined;
}

/** What is kept of one partition: its features and what was forecast from them. */
export interface PartitionForecast {
	readonly partition: PartitionId;
	readonly state: PartitionState;
	readonly vectors: readonly PredictionVector[];
	/** The hour of the run that made the vectors. */
	readonly forecastHour: number;
	/** The coming hours one by one, from the same run; absent where fewer than `OUTLOOK_LEAST_ACCESSES` are expected. */
	readonly outlook?: HourlyOutlook | undefined;
	/** Forecasts that are held against what happens, one a window length. */
	readonly probes: readonly Probe[];
}

/** A list of partitions forecast together, stored under the hour at which they are due again. */
export interface ForecastList {
	/** Opaque; sorts by due hour. */
	readonly key: string;
	readonly shard: number;
	/** Partitions named. */
	readonly size: number;
}

/** Feature states, prediction vectors and the progress of runs. Every method: @throws UnavailableError; retrying is safe. */
export interface PredictionStore {
	readProgress(): Promise<RunProgress>;
	/**
	 * Keeps other runs out until `leaseUntilMs`. False when another run holds the lease, or has got on since `seen` was read: what is to be
	 * done was read by that. A run may claim again what it holds.
	 */
	claimRun(runId: string, seen: RunProgress, nowMs: number, leaseUntilMs: number): Promise<boolean>;
	/** Ends the run that holds the lease. False when another run has taken over: nothing changes then. */
	completeRun(runId: string, progress: { readonly throughHour: number; readonly dueThroughHour: number }): Promise<boolean>;

	/** Lists due in the closed range of hours. */
	dueLists(fromHour: number, throughHour: number): Promise<readonly ForecastList[]>;
	/** The partitions of the lists, each once; lists that are gone are empty. */
	readLists(keys: readonly string[]): Promise<readonly PartitionId[]>;

	readPartitions(partitions: readonly PartitionId[]): Promise<ReadonlyMap<PartitionId, PartitionForecast>>;
	/**
	 * Stores what a run forecast, and by shard a list of the partitions that are due again, replacing what the same run stored before.
	 *
	 * @returns the keys to read the lists by
	 */
	writeForecasts(dueHour: number, runHour: number, forecasts: readonly PartitionForecast[]): Promise<readonly string[]>;

	/** By `parentKey`. */
	readParents(keys: readonly string[]): Promise<ReadonlyMap<string, ParentState>>;
	readGlobal(): Promise<GlobalState | undefined>;
	/** @param global undefined: it stays as it is */
	writeShared(parents: ReadonlyMap<string, ParentState>, global: GlobalState | undefined): Promise<void>;

	/** What has been seen of the calibration; undefined before anything was. */
	readCalibration(): Promise<Calibration | undefined>;
	writeCalibration(calibration: Calibration): Promise<void>;
}
