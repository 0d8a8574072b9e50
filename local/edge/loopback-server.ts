import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { reasonOf, StartupError } from "#local/startup-error.ts";

export interface LoopbackServer {
	readonly port: number;
	/** Closes the listener and all connections; idempotent. */
	stop(): Promise<void>;
}

/** Keep-alive clients must not meet a connection that closes under them. */
const KEEP_ALIVE_MS = 600_000;
/** CloudFront takes more header bytes than Node does by default; what is too much is answered, not dropped. */
const MAX_HEADER_BYTES = 128 * 1024;

export interface ListenOptions {
	readonly port: number;
	readonly host?: string;
	/** Rejections destroy the connection: the peer sees a broken network. */
	readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
	readonly onDropped: (request: IncomingMessage, error: unknown) => void;
}

/** Serves HTTP on this machine only. @throws StartupError when the port is taken */
export async function listenLoopback({ port, host = "127.0.0.1", handle, onDropped }: ListenOptions): Promise<LoopbackServer> {
	const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (request, response) => {
		handle(request, response).catch((error: unknown) => {
			onDropped(request, error);
			request.socket.destroy();
		});
	});
	server.keepAliveTimeout = KEEP_ALIVE_MS;
	server.requestTimeout = 0;
	await listening(server, port, host);
	return { port: (server.address() as AddressInfo).port, stop: () => close(server) };
}

function listening(server: Server, port: number, host: string): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once("error", (error) => reject(startupError(error, port)));
		server.listen(port, host, resolve);
	});
}

const startupError = (error: unknown, port: number): StartupError =>
	reasonOf(error) === "EADDRINUSE"
		? new StartupError("port-taken", `port ${port} is taken; stop what uses it or give another with --port`, error)
		: new StartupError("port-unusable", `cannot listen on port ${port}: ${reasonOf(error)}; give another with --port`, error);

const close = (server: Server): Promise<void> =>
	new Promise((resolve) => {
		if (!server.listening) return resolve();
		server.close(() => resolve());
		server.closeAllConnections();
	});
