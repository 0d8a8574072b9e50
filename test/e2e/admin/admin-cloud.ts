import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { Activity } from "#local/clock/local-clock.ts";
import type { LocalCloudOptions, ObservableCloud } from "#local/cloud.ts";
import { startCloud } from "#local/start-cloud.ts";
import { type HttpAnswer, HttpClient } from "#local/workload/http-client.ts";

/** A local cloud whose time stands still except where the test waits: everything happens within one activity of the test's own. */
export class AdminCloud {
	readonly cloud: ObservableCloud;
	readonly #dataDir: string;
	readonly #activity: Activity;
	readonly #client: HttpClient;

	private constructor(cloud: ObservableCloud, dataDir: string) {
		this.cloud = cloud;
		this.#dataDir = dataDir;
		this.#activity = cloud.clock.begin("test");
		this.#client = new HttpClient(cloud.url);
		cloud.letTimePass();
	}

	static async start(regions: readonly RegionId[], startMs: number, more: Pick<LocalCloudOptions, "placement"> = {}): Promise<AdminCloud> {
		const dataDir = mkdtempSync(join(tmpdir(), "heliotrope-admin-"));
		const options = { regions, port: 0, dataDir, speed: Number.POSITIVE_INFINITY, startMs, seed: 1, ...more };
		return new AdminCloud(await startCloud(options), dataDir);
	}

	/** Time keeps standing still, or the schedules of an idle cloud would fire as fast as they can until it has stopped. */
	async stop(): Promise<void> {
		this.#client.close();
		await this.cloud.stop();
		this.#activity.end();
		rmSync(this.#dataDir, { recursive: true, force: true });
	}

	/** What requests of the test bear, as `x-local-activity`. */
	get activityId(): string {
		return this.#activity.id;
	}

	/** Lets so much of the cloud's time pass. */
	wait(seconds: number): Promise<void> {
		return this.#activity.sleep(seconds * 1000);
	}

	/** A viewer's request to the data API. */
	view(from: RegionId, method: string, path: string, body = "", headers: Record<string, string> = {}): Promise<HttpAnswer> {
		return this.#send(method, `/v1/${path}`, body, { ...headers, "x-viewer-region": from });
	}

	/** An operator's request; the parsed answer. */
	async admin(method: string, path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
		const authorization = `Bearer ${this.cloud.adminToken}`;
		const answer = await this.#send(method, `/admin/v1/${path}`, body === undefined ? "" : JSON.stringify(body), { authorization });
		return { status: answer.status, body: JSON.parse(answer.body.toString()) as Record<string, unknown> };
	}

	/** Waits in the cloud's time until a resource of the admin API is as expected. @throws Error after `limitSeconds` */
	async until(path: string, isDone: (body: Record<string, unknown>) => boolean, limitSeconds: number): Promise<Record<string, unknown>> {
		const untilMs = this.cloud.clock.nowMs() + limitSeconds * 1000;
		for (;;) {
			const { body } = await this.admin("GET", path);
			if (isDone(body)) return body;
			if (this.cloud.clock.nowMs() > untilMs) throw new Error(`${path} after ${limitSeconds} s: ${JSON.stringify(body).slice(0, 2000)}`);
			await this.wait(Math.max(1, limitSeconds / 100));
		}
	}

	#send(method: string, path: string, body: string, headers: Record<string, string>): Promise<HttpAnswer> {
		const sent = { method, path, headers: { ...headers, "x-local-activity": this.#activity.id } };
		return this.#client.send(body === "" ? sent : { ...sent, body: Buffer.from(body) });
	}
}
