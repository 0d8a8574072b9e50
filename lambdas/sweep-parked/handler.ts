import { shareDynamoClients } from "#adapters/dynamodb/client.ts";
import { createParkedKeysOf, createRegionalStores } from "#adapters/dynamodb/dynamodb-regional-store.ts";
import { type SweepReport, sweepParked } from "#domain/partition/sweep-parked.ts";
import { runtime } from "#lambdas/shared/runtime.ts";
import { readEnv } from "#lambdas/sweep-parked/env.ts";

const env = readEnv(process.env);
const { clock, random } = runtime();
const options = { tableName: env.DATA_TABLE, clock, random, regions: env.REGIONS, clientFor: shareDynamoClients() };
const stores = createRegionalStores(options);
const parked = createParkedKeysOf(options)(env.AWS_REGION);

/** Begins nothing after this, in ms: below the function's timeout of 300 s by what one page may take while regions do not answer. */
const BUDGET_MS = 200_000;

const log = (line: Readonly<Record<string, unknown>>): void => {
	process.stdout.write(`${JSON.stringify({ region: env.AWS_REGION, ...line })}\n`);
};

/** Carries again what this region's stream could not bring to other copies. With nothing parked it is one query. */
export const handler = async (): Promise<SweepReport> => {
	const onDefect = (ref: object, error: unknown) => {
		const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
		log({ event: "sweep-parked.defect", ...ref, name, message, stack });
	};
	const report = await sweepParked({ stores, region: env.AWS_REGION, parked, clock, random, onDefect }, clock.nowMs() + BUDGET_MS);
	if (report.buckets > 0) log({ event: "sweep-parked.done", ...report });
	return report;
};
