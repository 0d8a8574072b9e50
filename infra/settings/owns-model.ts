import type { Settings } from "#infra/settings.ts";

/** Whether the model is the deployment's own. One that is looked after elsewhere is called, and neither trained nor replaced nor watched. */
export const ownsModel = ({ model }: Settings): boolean => model.endpoint.kind !== "existing";
