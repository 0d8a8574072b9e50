import type { Server, ServerResponse } from "node:http";
import { Server as NetServer, type Socket } from "node:net";

/** For so long a connection must have been silent to be closed: a client that is just sending its next request is answered. */
const SILENT_MS = 500;

/**
 * Watches a server's connections from now on, so that it can end without losing an answer.
 *
 * @returns ends the server: no new connections, `connection: close` with every answer from now on, and idle connections closed as they
 * fall idle. It resolves when none is left. `server.close()` would close those whose answers are still being sent.
 */
export function drainable(server: Server): () => Promise<void> {
	/** Idle connections, and how much each had read when it fell idle. */
	const idle = new Map<Socket, number>();
	const underWay = new Set<ServerResponse>();
	let isEnding = false;
	server.on("connection", (socket) => {
		idle.set(socket, 0);
		socket.once("close", () => idle.delete(socket));
	});
	server.prependListener("request", ({ socket }, response) => {
		idle.delete(socket);
		underWay.add(response);
		if (isEnding) response.shouldKeepAlive = false;
		response.once("close", () => {
			underWay.delete(response);
			if (!socket.destroyed) idle.set(socket, socket.bytesRead);
		});
	});
	return () => {
		isEnding = true;
		for (const response of underWay) response.shouldKeepAlive = false;
		let before: ReadonlyMap<Socket, number> = new Map(idle);
		const closeSilent = (): void => {
			for (const [socket, bytes] of idle) if (before.get(socket) === bytes && socket.bytesRead === bytes) socket.destroy();
			before = new Map(idle);
		};
		// after what has come in meanwhile was read: a forecast may have kept this process from it
		const timer = setInterval(() => setImmediate(closeSilent), SILENT_MS);
		return new Promise((resolve) => {
			NetServer.prototype.close.call(server, () => {
				clearInterval(timer);
				resolve();
			});
		});
	};
}
