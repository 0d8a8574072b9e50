import { shareDynamoClients } from "#adapters/dynamodb/client.ts";
import { createParkedKeysOf, createRegionalStores } from "#adapters/dynamodb/dynamodb-regional-store.ts";
import { type SweepReport, sweepParked } from "#domain/partition/sweep-parked.ts";
import type { LogLine } from "#lambdas/shared/line-log.ts";
import { observe, observed } from "#lambdas/shared/observed.ts";
import { runtime } from "#lambdas/shared/runtime.ts";
import { readEnv } from "#lambdas/sweep-parked/env.ts";

const env = readEnv(process.env);
const { clock, random } = runtime();
const options = { tableName: env.DATA_TABLE, clock, random, regions: env.REGIONS, clientFor: shareDynamoClients() };
const stores = createRegionalStores(options);
const parked = createParkedKeysOf(options)(env.AWS_REGION);

/** Begins nothing after this, in ms: below the function's timeout of 300 s by what one page may take while regions do not answer. */
const BUDGET_MS = 200_000;

const observing = observe("sweep-parked");
const log: LogLine = (line) => observing.log({ region: env.AWS_REGION, ...line });

const sweep = async (): Promise<SweepReport> => {
	const onDefect = (ref: object, error: unknown) => {
		const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
		log({ level: "error", event: "sweep-parked.defect", ...ref, name, message, stack });
	};
	const report = await sweepParked({ stores, region: env.AWS_REGION, parked, clock, random, onDefect }, clock.nowMs() + BUDGET_MS);
	if (report.buckets > 0) log({ event: "sweep-parked.done", ...report });
	return report;
};

/** Carries again what this region's stream could not bring to other copies. With nothing parked it is one query. */
export const handler = observed<unknown, SweepReport>(observing, sweep, {
	counts: ({ carried, owed }) => ({ ParkedKeysCarried: carried, ParkedKeysOwed: owed }),
});
