import { ITEM_CASES } from "#conformance/cases/items.ts";
import { LIST_CASES } from "#conformance/cases/lists.ts";
import { REQUEST_CASES } from "#conformance/cases/requests.ts";
import { type Api, NotKept } from "#conformance/check.ts";
import { type ApiClient, createApiClient, NobodyThereError } from "#conformance/http-client.ts";
import type { SignRequest } from "#conformance/sign-requests.ts";

/** Every promise of the data API that can be looked at from outside. */
const CASES = [...ITEM_CASES, ...LIST_CASES, ...REQUEST_CASES];

export interface Finding {
	readonly about: string;
	readonly says: string;
	/** Undefined: the promise is kept. */
	readonly problem: string | undefined;
}

export interface ConformanceOptions {
	readonly baseUrl: URL;
	/** A bearer token with read and write scopes for the partition. */
	readonly token?: string | undefined;
	/** Items are written into it, and stay. @default a partition of this run's own */
	readonly partition?: string | undefined;
	/** Signs every request, for a data plane behind IAM. @default unsigned */
	readonly sign?: SignRequest | undefined;
	/** How requests are sent. @default HTTP to `baseUrl` */
	readonly send?: ApiClient;
}

/** Runs every case, one after the other. @throws NobodyThereError */
export async function runConformance({ baseUrl, token, partition, sign, send: given }: ConformanceOptions): Promise<readonly Finding[]> {
	const run = `${Date.now().toString(36)}${Math.floor(Math.random() * 36 ** 4).toString(36)}`;
	const send = given ?? createApiClient(baseUrl, token === undefined ? {} : { authorization: `Bearer ${token}` }, sign);
	const api: Api = {
		send,
		base: `/v1/partitions/${encodeURIComponent(partition ?? `conformance-${run}`)}`,
		key: (name) => `${run}-${name}`,
	};
	// The partition comes into being with its first write: cases that only read find it there.
	await send({ method: "PUT", path: `${api.base}/items/${api.key("first")}`, body: "x" });
	const findings: Finding[] = [];
	for (const { about, says, run: keep } of CASES) findings.push({ about, says, problem: await problemOf(() => keep(api)) });
	return findings;
}

async function problemOf(work: () => Promise<void>): Promise<string | undefined> {
	try {
		await work();
		return undefined;
	} catch (error) {
		if (error instanceof NobodyThereError) throw error;
		return error instanceof NotKept ? error.message : `the suite could not read the answer: ${String(error)}`;
	}
}
