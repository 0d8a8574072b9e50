import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isRegionId, type RegionId } from "#domain/geography/region-id.ts";
import type { LocalClock } from "#local/clock/local-clock.ts";
import { AccessControl } from "#local/gateway/access-control.ts";
import { type AwsCall, type AwsReply, type AwsService, awsError } from "#local/gateway/aws-service.ts";
import { type Callers, parseCredential } from "#local/gateway/callers.ts";
import { type NeededAction, neededActions } from "#local/gateway/needed-actions.ts";
import { Throttles } from "#local/gateway/throttles.ts";
import { LinkCutError, type VirtualNetwork } from "#local/network/virtual-network.ts";

export interface GatewayOptions {
	readonly clock: LocalClock;
	readonly network: VirtualNetwork;
	readonly callers: Callers;
	readonly services: readonly AwsService[];
	readonly log: (line: string) => void;
	/** What callers may do. @default everything */
	readonly access?: AccessControl;
	/** Seeds the choice of throttled requests. @default 1 */
	readonly seed?: number;
}

/** The one endpoint (`AWS_ENDPOINT_URL`) that stands for every AWS service in every region. */
export interface Gateway {
	readonly url: string;
	/** Refuses `share` (0..1) of the region's DynamoDB requests until the clock reads `untilMs`. */
	throttle(region: RegionId, share: number, untilMs: number): void;
	clearThrottles(): void;
	/** Idempotent. */
	stop(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
	const dispatcher = new Dispatcher(options);
	const server = createServer((request, response) => void dispatcher.serve(request, response));
	// SDK clients keep their connections for long; closing one that is about to be used looks like a broken network.
	server.keepAliveTimeout = 600_000;
	server.requestTimeout = 0;
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen(0, "127.0.0.1", resolve);
	});
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		throttle: (region, share, untilMs) => dispatcher.throttles.set(region, share, untilMs),
		clearThrottles: () => dispatcher.throttles.clear(),
		stop: () => close(server),
	};
}

const close = (server: Server): Promise<void> =>
	new Promise((resolve) => {
		if (!server.listening) return resolve();
		server.close(() => resolve());
		server.closeAllConnections();
	});

class Dispatcher {
	readonly #access: AccessControl;
	readonly throttles: Throttles;
	readonly #options: GatewayOptions;
	readonly #services: ReadonlyMap<string, AwsService>;

	constructor(options: GatewayOptions) {
		this.#options = options;
		this.#services = new Map(options.services.map((service) => [service.name, service]));
		this.#access = options.access ?? new AccessControl();
		this.throttles = new Throttles(options.clock, options.seed ?? 1);
	}

	async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
		try {
			const body = await readBody(request);
			const reply = await this.#answer(request, body);
			response.writeHead(reply.status, { ...reply.headers, "content-length": Buffer.byteLength(reply.body) });
			response.end(reply.body);
		} catch (error) {
			// A cut link shows as what it is: a connection that breaks.
			if (!(error instanceof LinkCutError)) this.#options.log(`the gateway dropped ${request.method} ${request.url}: ${String(error)}`);
			request.socket.destroy();
		}
	}

	async #answer(request: IncomingMessage, body: Buffer): Promise<AwsReply> {
		const headers = request.headers as Record<string, string>;
		const credential = parseCredential(headers["authorization"]);
		if (credential === undefined) return awsError(403, "MissingAuthenticationTokenException", "the request is not signed with SigV4");
		const { accessKeyId, region, service: name } = credential;
		const service = this.#services.get(name);
		if (service === undefined) return awsError(404, "UnknownServiceException", `the local cloud has no service ${name}`);
		if (!isRegionId(region)) return awsError(400, "UnrecognizedClientException", `${region} is not a region`);

		const { clock, callers } = this.#options;
		const caller = callers.find(accessKeyId);
		const known = caller?.activity ?? clock.find(headers["x-local-activity"] ?? "");
		const activity = known ?? clock.begin(`${name} call of ${caller?.name ?? "an outside client"}`);
		const operation = headers["x-amz-target"]?.split(".").at(-1);
		const method = request.method ?? "GET";
		try {
			return await this.#carry(service, { region, caller, activity, operation, method, path: request.url ?? "/", headers, body });
		} finally {
			if (known === undefined) activity.end();
		}
	}

	#carry(service: AwsService, call: AwsCall): Promise<AwsReply> {
		const work = (): Promise<AwsReply> => this.#handle(service, call);
		const from = call.caller?.region ?? call.region;
		return from === call.region ? call.activity.during(work) : this.#options.network.exchange(call.activity, from, call.region, work);
	}

	async #handle(service: AwsService, call: AwsCall): Promise<AwsReply> {
		try {
			const refused = this.#access.refusal(call.caller, call.region, neededActions(service.name, call));
			if (refused !== undefined) return this.#deny(service, call, refused);
			return (service.name === "dynamodb" ? this.throttles.refusal(call.region) : undefined) ?? (await service.handle(call));
		} catch (error) {
			if (error instanceof LinkCutError) throw error;
			if (error instanceof SyntaxError) return awsError(400, "SerializationException", "the request body is not JSON");
			this.#options.log(`${service.name} ${call.operation ?? call.path} at ${call.region} failed: ${String(error)}`);
			return awsError(500, "InternalServerError", error instanceof Error ? error.message : String(error));
		}
	}

	/** A role that lacks a permission is a mistake in infra/description/permissions.ts: it has to be seen. */
	#deny({ name }: AwsService, { caller }: AwsCall, { action, resource }: NeededAction): AwsReply {
		const message = `${caller?.name ?? "the caller"} is not authorized to perform ${action} on ${resource}`;
		this.#options.log(`gateway: ${message}`);
		return name === "s3"
			? {
					status: 403,
					headers: { "content-type": "application/xml" },
					body: `<Error><Code>AccessDenied</Code><Message>${message}</Message></Error>`,
				}
			: awsError(400, "AccessDeniedException", message);
	}
}

/** Events rather than an async iterator: this runs for every AWS call, and the iterator costs as much as the rest of the reading. */
function readBody(request: IncomingMessage): Promise<Buffer> {
	return new Promise((resolve, reject) => {
		const chunks: Buffer[] = [];
		request.on("data", (chunk: Buffer) => chunks.push(chunk));
		request.on("end", () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
		request.on("error", reject);
	});
}
