import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as z from "zod";

/**
 * The request of the Chronos-2 JumpStart container, as its notebook documents it; what it refuses, this refuses.
 *
 * @see https://github.com/amazon-science/chronos-forecasting notebooks/deploy-chronos-to-amazon-sagemaker.ipynb
 */
const requestSchema = z.strictObject({
	inputs: z
		.array(
			z.strictObject({
				target: z.array(z.number()).min(5, "each series must have at least 5 observations"),
				item_id: z.string().optional(),
				start: z.iso.datetime({ local: true }).optional(),
			}),
		)
		.min(1)
		.max(1000, "at most 1000 series a request"),
	parameters: z.strictObject({
		prediction_length: z.int().min(1).max(1024),
		quantile_levels: z.array(z.number().gt(0).lt(1)),
		freq: z.string().optional(),
	}),
});

/** A model process that answers as the Chronos-2 container does, by seasonal naive: every hour is like the same hour a day before. */
export interface ChronosContainer {
	readonly url: string;
	/** Series of each call. */
	readonly calls: { readonly series: number; readonly bytes: number; readonly length: number }[];
	/** Replaces the next answers, one after another: a status and body, or silence. */
	readonly misbehave: ({ readonly status: number; readonly body: string } | "silence")[];
	stop(): Promise<void>;
}

export async function startChronosContainer(): Promise<ChronosContainer> {
	const calls: { series: number; bytes: number; length: number }[] = [];
	const misbehave: ChronosContainer["misbehave"] = [];
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on("data", (chunk: Buffer) => chunks.push(chunk));
		request.on("end", () => {
			const text = Buffer.concat(chunks).toString();
			const planned = misbehave.shift();
			if (planned === "silence") return;
			const { status, body } = planned ?? answer(text, calls);
			response.writeHead(status, { "content-type": "application/json" }).end(body);
		});
	}).listen(0, "127.0.0.1");
	await once(server, "listening");
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		calls,
		misbehave,
		stop: async () => {
			server.closeAllConnections();
			server.close();
			await once(server, "close");
		},
	};
}

function answer(text: string, calls: { series: number; bytes: number; length: number }[]): { status: number; body: string } {
	const parsed = requestSchema.safeParse(JSON.parse(text));
	if (!parsed.success) return { status: 400, body: JSON.stringify({ error: z.prettifyError(parsed.error) }) };
	const { inputs, parameters } = parsed.data;
	if (inputs.some(({ start }) => (start === undefined) !== (parameters.freq === undefined)))
		return { status: 400, body: JSON.stringify({ error: "start and freq go together" }) };
	calls.push({ series: inputs.length, bytes: Buffer.byteLength(text), length: parameters.prediction_length });
	const predictions = inputs.map(({ target, item_id, start }) => {
		const mean = Array.from(
			{ length: parameters.prediction_length },
			(_, hour) => target[target.length - 24 + (hour % 24)] ?? target.at(-1) ?? 0,
		);
		const quantiles = parameters.quantile_levels.map((level) => [String(level), mean.map((value) => value + (level - 0.5) * 2)] as const);
		return {
			mean,
			...Object.fromEntries(quantiles),
			...(item_id === undefined ? {} : { item_id }),
			...(start === undefined ? {} : { start }),
		};
	});
	return { status: 200, body: JSON.stringify({ predictions }) };
}
