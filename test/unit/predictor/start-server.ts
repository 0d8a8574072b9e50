import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Model } from "#predictor/models/model.ts";
import { createModelServer } from "#predictor/serving/server.ts";

/** The container's server in this process, on a free port. */
export async function startServer(model: Model | undefined): Promise<{ readonly url: string; stop(): Promise<void> }> {
	const server = createModelServer(() => model).listen(0, "127.0.0.1");
	await once(server, "listening");
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		stop: async () => {
			server.closeAllConnections();
			server.close();
			await once(server, "close");
		},
	};
}
