import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * Below the range from which systems take the ports of outgoing connections (32768 on Linux, 49152 elsewhere): a client that keeps
 * trying a dead engine's port from within that range may end up connected to itself and hold the port.
 */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;

/** `count` different ports of 127.0.0.1 on which nothing listens now. */
export async function freePorts(count: number): Promise<readonly number[]> {
	const ports = new Set<number>();
	while (ports.size < count) {
		const port = randomInt(FIRST_PORT, LAST_PORT);
		if (!ports.has(port) && (await isFree(port))) ports.add(port);
	}
	return [...ports];
}

const isFree = (port: number): Promise<boolean> =>
	new Promise((resolve) => {
		const server = createServer();
		server.once("error", () => resolve(false));
		server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
	});
