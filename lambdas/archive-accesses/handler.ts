import { partitionByRule } from "#domain/prediction/access-record.ts";
import { type ArchivedRecord, archiveAccesses } from "#lambdas/archive-accesses/archive.ts";
import { readEnv } from "#lambdas/archive-accesses/env.ts";
import { viewerLocator } from "#lambdas/count-accesses/viewer-locator.ts";
import { observed } from "#lambdas/shared/observed.ts";
import { runtime } from "#lambdas/shared/runtime.ts";

const { clock } = runtime();
const env = readEnv(process.env);
const deps = { locate: viewerLocator(env.REGIONS), partitionOf: partitionByRule(env.PARTITION_RULE), nowMs: () => clock.nowMs() };

/** Firehose's transformation: CloudFront real-time log lines in, rows of the archive out. */
export const handler = observed<unknown, { readonly records: readonly ArchivedRecord[] }>(
	"archive-accesses",
	async (event) => archiveAccesses(deps, event),
	{
		counts: ({ records }) => {
			const dropped = records.filter(({ result }) => result === "Dropped").length;
			return { RecordsArchived: records.length - dropped, RecordsDropped: dropped };
		},
	},
);
