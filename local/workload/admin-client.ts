import * as z from "zod";
import { OperatingError } from "#domain/shared/errors.ts";
import type { Activity } from "#local/clock/local-clock.ts";
import type { LocalCloud } from "#local/cloud.ts";
import { HttpClient } from "#local/workload/http-client.ts";
import { sendWithRetries } from "#local/workload/send-with-retries.ts";

const count = z.int().min(0);

const summarySchema = z.object({
	partitions: count,
	decisions: count,
	migrations: z.object({ running: count, completed: count, cancelled: count, rolledBack: count, failed: count }),
});
/** Counts of a deployment, from `GET /admin/v1/summary`. */
export type Summary = z.infer<typeof summarySchema>;

const migrationSchema = z.object({
	migrationId: z.string(),
	partition: z.string(),
	state: z.string(),
	stage: z.string().optional(),
	source: z.string().optional(),
	target: z.string().optional(),
	startedAt: z.string().optional(),
	decisionId: z.string().optional(),
});
/** A migration as the admin API lists it. */
export type MigrationSummary = z.infer<typeof migrationSchema>;

const migrationsPage = z.object({ migrations: z.array(migrationSchema), cursor: z.string().optional() });

const decisionSchema = z.object({
	decisionId: z.string(),
	verdict: z.string(),
	reason: z.string(),
	source: z.string().optional(),
	target: z.string().optional(),
});
/** What a decision record says in short. */
export type DecisionSummary = z.infer<typeof decisionSchema>;

const decisionsPage = z.object({ decisions: z.array(decisionSchema), cursor: z.string().optional() });

/** The admin API answered something else than was asked for. */
export class AdminApiError extends OperatingError {
	override name = "AdminApiError";
	constructor(path: string, problem: string) {
		super(`${path} of the admin API ${problem}`, { code: "admin.unexpected-answer", retryable: false });
	}
}

/** Reads the admin API of a local cloud. Every call is an activity of its own, so that time stands still meanwhile. */
export class AdminClient {
	readonly #cloud: Pick<LocalCloud, "url" | "adminToken" | "clock">;
	readonly #client: HttpClient;

	constructor(cloud: Pick<LocalCloud, "url" | "adminToken" | "clock">) {
		this.#cloud = cloud;
		this.#client = new HttpClient(cloud.url);
	}

	/** @throws AdminApiError */
	async summary(): Promise<Summary> {
		return this.#parse("/admin/v1/summary", summarySchema, await this.#get("/admin/v1/summary"));
	}

	/** All migrations in a state, page by page. @throws AdminApiError */
	async *migrations(state: string): AsyncGenerator<MigrationSummary> {
		let cursor: string | undefined;
		do {
			const path = `/admin/v1/migrations?state=${state}${cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`}`;
			const page = this.#parse(path, migrationsPage, await this.#get(path));
			yield* page.migrations;
			cursor = page.cursor;
		} while (cursor !== undefined);
	}

	/** All decisions about a partition, page by page. @throws AdminApiError */
	async *decisions(partition: string): AsyncGenerator<DecisionSummary> {
		let cursor: string | undefined;
		do {
			const after = cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`;
			const path = `/admin/v1/partitions/${encodeURIComponent(partition)}/decisions?limit=500${after}`;
			const page = this.#parse(path, decisionsPage, await this.#get(path));
			yield* page.decisions;
			cursor = page.cursor;
		} while (cursor !== undefined);
	}

	/** The JSON that a path answers, for optional details. @throws AdminApiError unless the status is 200 */
	async get(path: string): Promise<unknown> {
		return this.#get(path);
	}

	/** Changes a partition's policy. Within `activity` where there is one. @throws AdminApiError */
	async patchPartition(partition: string, patch: Readonly<Record<string, unknown>>, activity?: Activity): Promise<void> {
		await this.#call("PATCH", `/admin/v1/partitions/${encodeURIComponent(partition)}`, JSON.stringify(patch), activity);
	}

	close(): void {
		this.#client.close();
	}

	#get(path: string): Promise<unknown> {
		return this.#call("GET", path);
	}

	async #call(method: string, path: string, body?: string, within?: Activity): Promise<unknown> {
		const activity = within ?? this.#cloud.clock.begin(`${method} ${path}`);
		try {
			const headers = {
				authorization: `Bearer ${this.#cloud.adminToken}`,
				...(body === undefined ? {} : { "content-type": "application/json" }),
			};
			const delivery = await sendWithRetries(this.#client, activity, {
				method,
				path,
				headers,
				...(body === undefined ? {} : { body: Buffer.from(body) }),
			});
			if (delivery.kind === "lost") throw new AdminApiError(path, `did not answer: ${delivery.reason}`);
			const { answer } = delivery;
			const text = answer.body.toString("utf8");
			if (answer.status !== 200) throw new AdminApiError(path, `answered ${answer.status} ${text.slice(0, 200)}`);
			return parseJson(path, text);
		} finally {
			if (within === undefined) activity.end();
		}
	}

	#parse<T>(path: string, schema: z.ZodType<T>, value: unknown): T {
		const parsed = schema.safeParse(value);
		if (!parsed.success) throw new AdminApiError(path, `answered another shape: ${z.prettifyError(parsed.error).replaceAll("\n", " ")}`);
		return parsed.data;
	}
}

function parseJson(path: string, text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		throw new AdminApiError(path, "did not answer JSON");
	}
}
