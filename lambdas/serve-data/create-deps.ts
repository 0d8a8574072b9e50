import { createDocumentClient, shareDynamoClients } from "#adapters/dynamodb/client.ts";
import { createCursorKeyRing } from "#adapters/dynamodb/cursor-keys.ts";
import { createDataPlaneDirectory } from "#adapters/dynamodb/data-plane-directory.ts";
import { createFeedReportsOf, createRegionalStores } from "#adapters/dynamodb/dynamodb-regional-store.ts";
import { createMetadataStore } from "#adapters/dynamodb/metadata-store.ts";
import { createPartitionStates } from "#adapters/dynamodb/partition-states.ts";
import { createForward } from "#adapters/http/forward.ts";
import { createTokenVerifier } from "#adapters/oidc/verify-token.ts";
import { residencyFor } from "#domain/partition/residency-rules.ts";
import type { TokenVerifier } from "#domain/ports/token-verifier.ts";
import { createAccessControl } from "#lambdas/serve-data/access.ts";
import { Admission } from "#lambdas/serve-data/admission.ts";
import { keepCursorKeys } from "#lambdas/serve-data/cursor-keys.ts";
import type { DataPlaneDeps } from "#lambdas/serve-data/deps.ts";
import { readEnv } from "#lambdas/serve-data/env.ts";
import { FenceBook } from "#lambdas/serve-data/fence-book.ts";
import { type LogLine, lineLog } from "#lambdas/shared/line-log.ts";
import { createLogger } from "#lambdas/shared/logger.ts";
import { runtime } from "#lambdas/shared/runtime.ts";

/**
 * What the data plane of a region needs, on AWS's own clients. @param environment with what env.ts names, and AWS credentials
 *
 * @throws ZodError when the environment is wired wrongly
 */
export function createDeps(environment: NodeJS.ProcessEnv, log: LogLine = lineLog(createLogger("data-plane"))): DataPlaneDeps {
	const env = readEnv(environment);
	const { clock, random } = runtime();
	const region = env.AWS_REGION;
	const clientFor = shareDynamoClients();
	const options = { tableName: env.DATA_TABLE, clock, random, regions: env.REGIONS, clientFor };
	const store = createRegionalStores(options)(region);
	const control = createDocumentClient(env.CONTROL_REGION);
	const nearest = region === env.CONTROL_REGION ? control : createDocumentClient(region);
	const states = createPartitionStates({ client: control, tableName: env.STATE_TABLE, clock, random });
	const directory = createDataPlaneDirectory({ client: clientFor(region), tableName: env.METADATA_TABLE }, clock);
	return {
		region,
		store,
		fences: new FenceBook(store, clock),
		feeds: createFeedReportsOf(options)(region),
		reportDivergence: (partition) => states.addDivergence(partition, region, clock.nowMs()),
		metadata: createMetadataStore({ tableName: env.METADATA_TABLE, region, controlRegion: env.CONTROL_REGION, clock, random }),
		access: createAccessControl(
			env.ACCESS,
			env.ACCESS.mode === "oidc" ? createTokenVerifier({ issuers: env.ACCESS.issuers, clock }) : NOBODY,
		),
		cursorKeys: keepCursorKeys(createCursorKeyRing({ tableName: env.METADATA_TABLE, nearest, control, clock }), clock),
		admission: Admission.forMemory(env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE),
		forward: createForward({ urlOf: directory.urlOf, clock, environment }),
		residency: (partition) => residencyFor(env.RESIDENCY_RULES, partition),
		clock,
		random,
		log,
	};
}

const NOBODY: TokenVerifier = () => Promise.resolve({ kind: "refused", reason: "no issuer is trusted here" });
