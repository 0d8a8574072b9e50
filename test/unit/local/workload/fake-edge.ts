import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { regionId } from "#domain/geography/region-id.ts";
import { VirtualClock } from "#local/clock/virtual-clock.ts";
import type { LocalCloud } from "#local/cloud.ts";
import { VirtualNetwork } from "#local/network/virtual-network.ts";

/** What a fake edge saw. */
export interface SeenRequest {
	readonly atMs: number;
	readonly method: string;
	readonly url: string;
	readonly headers: IncomingMessage["headers"];
	readonly body: string;
}

/** Answers a request in place of the store; undefined lets the store answer, `drop` closes the connection without an answer. */
export type Trouble = (
	seen: SeenRequest,
	nth: number,
) => { status: number; headers?: Record<string, string> } | "drop" | "drop-after" | undefined;

/** An edge that keeps items in memory, served by one region, over real HTTP in virtual time. */
export class FakeEdge {
	readonly items = new Map<string, string>();
	readonly seen: SeenRequest[] = [];
	readonly clock: VirtualClock;
	readonly network: VirtualNetwork;
	/** Running migrations that the admin API reports, one answer each; the last repeats. */
	running: number[] = [0];
	trouble: Trouble = () => undefined;
	/** What the admin API tells of every partition. */
	decisions: { decisionId: string; verdict: string; reason: string }[] = [];
	onStored: () => void = () => undefined;
	#server: Server | undefined;

	constructor(startMs: number, speed = Number.POSITIVE_INFINITY) {
		this.clock = new VirtualClock({ startMs, speed });
		this.network = new VirtualNetwork(this.clock, (from, to) => (from === to ? 1 : 80));
	}

	async start(): Promise<LocalCloud> {
		const server = createServer((request, response) => void this.#handle(request, response));
		this.#server = server;
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		const deployment = {
			stage: "test",
			regions: [HOME],
			controlRegion: HOME,
			stateMachineArns: {},
			modelEndpointName: "model",
			featuresBucket: "features",
			trainingRoleArn: "role",
			trainingInstance: "ml.local",
			tags: {},
		};
		return {
			url,
			adminToken: "token",
			clock: this.clock,
			network: this.network,
			deployment,
			letTimePass: () => undefined,
			stop: () => this.stop(),
		};
	}

	async stop(): Promise<void> {
		this.clock.stop();
		this.#server?.closeAllConnections();
		await new Promise((resolve) => this.#server?.close(resolve));
	}

	async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const url = request.url ?? "";
		if (url.startsWith("/admin/")) return this.#admin(request, response);
		const method = request.method ?? "";
		const seen = { atMs: this.clock.nowMs(), method, url, headers: request.headers, body: Buffer.concat(chunks).toString() };
		this.seen.push(seen);
		const trouble = this.trouble(seen, this.seen.length - 1);
		if (trouble === "drop") return void request.socket.destroy();
		if (typeof trouble === "object") return void response.writeHead(trouble.status, trouble.headers).end("trouble");
		const networkMs = await this.#charge(request);
		if (method === "PUT") {
			this.items.set(url, seen.body);
			this.onStored();
		}
		if (trouble === "drop-after") return void request.socket.destroy();
		const body = this.items.get(url);
		const headers = { "x-heliotrope-region": HOME, "x-heliotrope-replicas": HOME, "x-local-network-ms": String(networkMs) };
		response.writeHead(body === undefined ? 404 : 200, headers).end(method === "GET" ? body : undefined);
	}

	async #charge(request: IncomingMessage): Promise<number> {
		const activity = this.clock.find(String(request.headers["x-local-activity"]));
		const viewer = regionId(String(request.headers["x-viewer-region"]));
		await activity?.sleep(this.network.rttMs(viewer, HOME));
		return this.network.rttMs(viewer, HOME);
	}

	#admin(request: IncomingMessage, response: ServerResponse): void {
		if (request.headers.authorization !== "Bearer token") return void response.writeHead(401).end();
		const running = (this.running.length > 1 ? this.running.shift() : this.running[0]) ?? 0;
		const summary = { partitions: 1, decisions: 7, migrations: { running, completed: 2, cancelled: 1, rolledBack: 0, failed: 0 } };
		const state = new URL(request.url ?? "", "http://x").searchParams.get("state");
		const listed = state === "completed" ? [{ migrationId: "m1", partition: "p", state }] : [];
		if (request.url?.includes("/decisions")) {
			return void response.writeHead(200).end(JSON.stringify({ decisions: this.decisions }));
		}
		response.writeHead(200).end(JSON.stringify(request.url?.includes("summary") ? summary : { migrations: listed }));
	}
}

/** The only region that serves. */
export const HOME = regionId("eu-west-1");
/** A viewer's region 80 ms from {@link HOME}. */
export const AWAY = regionId("us-east-1");
