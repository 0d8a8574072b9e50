import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { Agent, request as httpRequest } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startContainer, urlOf } from "#test/__helpers__/model-container.ts";
import { goldenRequest } from "#test/unit/predictor/golden-request.ts";

const CLIENTS = 8;
const BODY = JSON.stringify(goldenRequest(40));

let child: ChildProcess;
let port: number;
beforeEach(async () => {
	child = startContainer("/nowhere");
	port = Number(new URL(await urlOf(child)).port);
});
afterEach(() => {
	child.kill("SIGKILL");
});

interface Outcome {
	/** The status of a whole answer, or why there is none. */
	readonly outcome: number | string;
	readonly connection?: string | undefined;
}

function post(agent: Agent): Promise<Outcome> {
	return new Promise((resolve) => {
		const failed = (error: NodeJS.ErrnoException): void => resolve({ outcome: error.code ?? error.message });
		const headers = { "content-type": "application/json" };
		const sent = httpRequest({ host: "127.0.0.1", port, path: "/invocations", method: "POST", agent, headers }, (answer) => {
			let bytes = 0;
			answer.on("data", (data: Buffer) => {
				bytes += data.length;
			});
			answer.on("error", failed);
			answer.on("end", () => {
				const isWhole = answer.complete && bytes === Number(answer.headers["content-length"]);
				resolve({ outcome: isWhole ? (answer.statusCode ?? 0) : "cut", connection: answer.headers.connection });
			});
		});
		sent.on("error", failed);
		sent.end(BODY);
	});
}

/** One request after another on one connection, until the server is gone. */
async function keepAsking(outcomes: Outcome[]): Promise<void> {
	const agent = new Agent({ keepAlive: true, maxSockets: 1 });
	for (;;) {
		const outcome = await post(agent);
		outcomes.push(outcome);
		if (outcome.outcome !== 200) return agent.destroy();
	}
}

describe("a container that is told to stop", () => {
	it.each([1, 3])("%i times answers every request that it has taken, and refuses connections", async (times) => {
		const outcomes: Outcome[] = [];
		const exited = once(child, "exit");
		const clients = Array.from({ length: CLIENTS }, () => keepAsking(outcomes));
		while (outcomes.length < 3 * CLIENTS) await sleep(5);
		for (let signal = 0; signal < times; signal += 1) {
			child.kill("SIGTERM");
			await sleep(10);
		}
		await Promise.all(clients);
		expect(await exited).toEqual([0, null]);
		const refusals = outcomes.filter(({ outcome }) => outcome !== 200);
		expect(refusals).toEqual(Array(CLIENTS).fill({ outcome: "ECONNREFUSED" }));
		expect(outcomes.filter(({ connection }) => connection === "close").length).toBe(CLIENTS);
	});

	it("sends a slow reader the whole answer, and closes a connection that is idle", async () => {
		const idle = connect(port, "127.0.0.1");
		const slow = connect(port, "127.0.0.1");
		await Promise.all([once(idle, "connect"), once(slow, "connect")]);
		slow.pause();
		const { partitions, ...head } = goldenRequest(40);
		const many = JSON.stringify({ ...head, partitions: Array.from({ length: 20 }, () => partitions).flat() });
		slow.write(
			`POST /invocations HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(many)}\r\n\r\n${many}`,
		);
		// the answer begins, and waits for its reader
		const first = once(slow, "readable");
		await first;
		const exited = once(child, "exit");
		child.kill("SIGTERM");
		idle.resume();
		await once(idle, "close");
		const chunks: Buffer[] = [];
		for await (const chunk of slow) chunks.push(chunk as Buffer);
		const answer = Buffer.concat(chunks).toString();
		const body = answer.slice(answer.indexOf("\r\n\r\n") + 4);
		expect(body.length).toBe(Number(/content-length: (\d+)/i.exec(answer)?.[1]));
		expect(await exited).toEqual([0, null]);
	});
});
