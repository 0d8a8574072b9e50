import { setTimeout as pause } from "node:timers/promises";
import { type HttpAnswer, headerOf } from "#local/workload/http-client.ts";
import { type Attempt, type Histories, type KeyRef, put, putIf, read, remove } from "#test/e2e/chaos/histories.ts";
import type { Host } from "#test/e2e/chaos/host.ts";
import type { Tally } from "#test/e2e/chaos/tally.ts";

/** Refusals of which the data plane promises that nothing was written. */
const NOT_APPLIED: ReadonlySet<string> = new Set(["partition.fenced", "partition.unsettled", "partition.unknown", "route.loop"]);
/** Ms between two requests of a client, at most. */
const MAX_AWAY_MS = 200;
const AFTER_FAILURE_MS = 30;

/** What all clients share. */
export interface ClientWorld {
	readonly host: Pick<Host, "current" | "regions">;
	readonly histories: Histories;
	readonly tally: Tally;
	readonly partitions: readonly string[];
	isStopped(): boolean;
}

type Reply = { readonly kind: "answer"; readonly answer: HttpAnswer } | { readonly kind: "none" };

/** Reads, writes, deletes and lists over HTTP through the edge, one request after the other, until it is told to stop. */
export async function runClient(world: ClientWorld, name: string, random: () => number): Promise<void> {
	const region = choose(world.host.regions, random);
	for (let n = 0; !world.isStopped(); n += 1) {
		const partition = choose(world.partitions, random);
		if (random() < 0.06) await listOnce(world, partition, region);
		else {
			const ref = choose(world.histories.activeKeys(partition), random);
			await attemptOnce(world, ref, chooseAttempt(world.histories, ref, `${name}.${n}`, random), region);
		}
		await pause(random() * MAX_AWAY_MS);
	}
}

/** Reads one key until it is answered. @returns undefined when it never is */
export async function readBack(world: ClientWorld, ref: KeyRef, attempts: number): Promise<"answered" | undefined> {
	const { regions } = world.host;
	for (let attempt = 0; attempt < attempts; attempt += 1) {
		if ((await attemptOnce(world, ref, read(), regions[attempt % regions.length] ?? "")) === "answered") return "answered";
		await pause(200);
	}
	return undefined;
}

function chooseAttempt(histories: Histories, ref: KeyRef, value: string, random: () => number): Attempt {
	const kind = random();
	if (kind < 0.45) return read();
	if (kind < 0.75) return put(value);
	if (kind < 0.83) return remove();
	return putIf(value, random() < 0.4 ? undefined : histories.lastTag(ref));
}

async function attemptOnce(world: ClientWorld, ref: KeyRef, attempt: Attempt, region: string): Promise<"answered" | "unknown" | "refused"> {
	const { histories, tally } = world;
	const path = `/v1/partitions/${ref.partition}/items/${ref.key}`;
	const start = histories.tick();
	const reply = await send(world, attempt.method, path, { ...attempt.headers, "x-viewer-region": region }, attempt.body);
	const end = histories.tick();
	if (reply.kind === "answer") {
		const { status, body } = reply.answer;
		const said = attempt.meaning(status, body.toString("utf8"));
		if (said !== undefined) {
			const writes = said.applied ? attempt.effect?.writes : undefined;
			const requires = said.applied && attempt.effect?.requires.kind === "is" ? attempt.effect.requires : said.requires;
			histories.add(ref, { label: `${attempt.label}: ${status}`, start, end, requires, ...(writes === undefined ? {} : { writes }) });
			const etag = headerOf(reply.answer, "etag");
			const value = writes === undefined ? body.toString("utf8") : writes.value;
			if (etag !== undefined && status < 300 && value !== undefined) histories.learnTag(ref, etag, value);
			tally.count("answered");
			return "answered";
		}
		if (checkRefusal(world, reply.answer, `${attempt.method} ${path}`) === "not-applied") return "refused";
	}
	if (attempt.effect === undefined) return "refused";
	tally.count("unknown outcome");
	histories.add(ref, { label: `${attempt.label}: ?`, start, end: Number.POSITIVE_INFINITY, ...attempt.effect });
	return "unknown";
}

async function listOnce(world: ClientWorld, partition: string, region: string): Promise<void> {
	const { histories, tally } = world;
	const refs = histories.activeKeys(partition);
	const start = histories.tick();
	const reply = await send(world, "GET", `/v1/partitions/${partition}/items?limit=1000`, { "x-viewer-region": region });
	const end = histories.tick();
	if (reply.kind === "none") return;
	if (reply.answer.status !== 200) {
		// Before the first write there is no partition to list.
		if (reply.answer.status !== 404) checkRefusal(world, reply.answer, `list ${partition}`);
		return;
	}
	const { items, cursor } = JSON.parse(reply.answer.body.toString("utf8")) as { items: { key: string; etag: string }[]; cursor?: string };
	tally.count("listed");
	for (const ref of refs) {
		const etag = items.find(({ key }) => key === ref.key)?.etag;
		if (etag !== undefined || cursor === undefined) histories.addListed(ref, etag, start, end);
	}
}

async function send(
	{ host, tally }: ClientWorld,
	method: string,
	path: string,
	headers: Readonly<Record<string, string>>,
	body?: string,
): Promise<Reply> {
	const { http } = await host.current();
	try {
		const type = body === undefined ? {} : { "content-type": "text/plain" };
		const call = { method, path, headers: { ...headers, ...type }, ...(body === undefined ? {} : { body: Buffer.from(body) }) };
		return { kind: "answer", answer: await http.send(call) };
	} catch {
		tally.count("no answer");
		await pause(AFTER_FAILURE_MS);
		return { kind: "none" };
	}
}

/** Whether a refusal says that nothing was written. Anything but a 503 with Retry-After is a violation. */
function checkRefusal({ tally }: ClientWorld, answer: HttpAnswer, what: string): "not-applied" | "unknown" {
	const { status } = answer;
	const code = codeOf(answer);
	tally.count(`refused ${status} ${code}`);
	if (status === 503 && headerOf(answer, "retry-after") !== undefined) return NOT_APPLIED.has(code) ? "not-applied" : "unknown";
	tally.violations.push(`${what} was answered ${status} ${code} (${answer.body.toString("utf8").slice(0, 200)})`);
	return "unknown";
}

function codeOf(answer: HttpAnswer): string {
	try {
		return String((JSON.parse(answer.body.toString("utf8")) as { code?: unknown }).code);
	} catch {
		return headerOf(answer, "x-cache") ?? "no code";
	}
}

/** @throws RangeError when there is nothing to choose from */
export function choose<T>(among: readonly T[], random: () => number): T {
	const chosen = among[Math.floor(random() * among.length)];
	if (chosen === undefined) throw new RangeError("nothing to choose from");
	return chosen;
}
