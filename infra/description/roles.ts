/** The role under which training jobs run. */
export const trainingRoleName = (stage: string): string => `heliotrope-${stage}-training`;

/** The role under which the model is served. */
export const servingRoleName = (stage: string): string => `heliotrope-${stage}-serving`;

/** Training jobs, models and endpoint configurations of a deployment are named so, with the time of their run. */
export const trainingNamePrefix = (stage: string): string => `heliotrope-${stage}-train-`;
