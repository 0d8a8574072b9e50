import { type ArchivedRecord, archiveAccesses } from "#lambdas/archive-accesses/archive.ts";
import { readEnv } from "#lambdas/archive-accesses/env.ts";
import { viewerLocator } from "#lambdas/count-accesses/viewer-locator.ts";
import { runtime } from "#lambdas/shared/runtime.ts";

const { clock } = runtime();
const deps = { locate: viewerLocator(readEnv(process.env).REGIONS), nowMs: () => clock.nowMs() };

/** Firehose's transformation: CloudFront real-time log lines in, rows of the archive out. */
export const handler = async (event: unknown): Promise<{ readonly records: readonly ArchivedRecord[] }> => archiveAccesses(deps, event);
