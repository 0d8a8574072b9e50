import * as z from "zod";
import { STATE_VERSION } from "#domain/prediction/feature-state.ts";
import {
	GLOBAL_HALF_LIVES_HOURS,
	PARENT_HALF_LIVES_HOURS,
	PARENT_HOURS_HALF_LIFE_HOURS,
	PARTITION_HALF_LIVES_HOURS,
	PARTITION_HOURS_HALF_LIFE_HOURS,
	RECENT_HALF_LIFE_ACCESSES,
	SEGMENT_HALF_LIFE_HOURS,
	WEEK_PROFILE_HALF_LIFE_HOURS,
} from "#domain/prediction/settings.ts";

/** Features by name: how long each remembers, and the version of states. */
export type FittedTo = Readonly<Record<string, number | readonly number[]>>;

/** The features of this release. Weights that were fitted to others mean something else. */
export const FEATURES: FittedTo = {
	stateVersion: STATE_VERSION,
	partitionHalfLivesHours: PARTITION_HALF_LIVES_HOURS,
	parentHalfLivesHours: PARENT_HALF_LIVES_HOURS,
	globalHalfLivesHours: GLOBAL_HALF_LIVES_HOURS,
	segmentHalfLifeHours: SEGMENT_HALF_LIFE_HOURS,
	weekProfileHalfLifeHours: WEEK_PROFILE_HALF_LIFE_HOURS,
	partitionHoursHalfLifeHours: PARTITION_HOURS_HALF_LIFE_HOURS,
	parentHoursHalfLifeHours: PARENT_HOURS_HALF_LIFE_HOURS,
	recentHalfLifeAccesses: RECENT_HALF_LIFE_ACCESSES,
};

/** What an artefact's weights were fitted to, which must be the features of this release. */
export const fittedToSchema = z
	.record(z.string(), z.union([z.number(), z.array(z.number()).readonly()]), "does not say to which features its weights were fitted")
	.superRefine((given: FittedTo, context) => {
		for (const name of new Set([...Object.keys(FEATURES), ...Object.keys(given)]))
			if (JSON.stringify(given[name]) !== JSON.stringify(FEATURES[name]))
				context.addIssue(
					`its weights were fitted to ${name} ${textOf(given[name])}, this release has ${textOf(FEATURES[name])}; train it again`,
				);
	});

const textOf = (value: number | readonly number[] | undefined): string => (value === undefined ? "none" : JSON.stringify(value));
