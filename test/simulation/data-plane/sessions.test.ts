import { describe, expect, it } from "vitest";
import { versionOfTag } from "#domain/partition/etag.ts";
import { compareVersions, type Version } from "#domain/partition/version.ts";
import { P, type TestAnswer } from "#test/__helpers__/data-plane-world.ts";
import fc from "#test/__helpers__/fast-check.ts";
import { KEYS, REGIONS, SessionWorld, turns, type Written } from "./session-world.ts";

/** What one answer told a client of one key. */
interface Seen {
	readonly key: string;
	/** Undefined: told that there is no item. */
	readonly told: { readonly value: string } | { readonly version: Version } | undefined;
	/** Present for an eventual read, which promises no more than this. */
	readonly eventual?: { readonly startMs: number; readonly stalenessMs: number };
}

const OPERATIONS = 14;

class SessionClient {
	readonly seen: Seen[] = [];
	/** Where reads were served that a follower could serve. */
	nearReads = 0;
	#token: string | undefined;
	readonly #world: SessionWorld;
	readonly #name: string;
	readonly #keepsToken: boolean;

	constructor(world: SessionWorld, name: string, keepsToken: boolean) {
		this.#world = world;
		this.#name = name;
		this.#keepsToken = keepsToken;
	}

	async run(): Promise<void> {
		for (let i = 0; i < OPERATIONS; i++) {
			await this.#step(`${this.#name}-request-${i}`);
			await turns(this.#world.below(8));
		}
	}

	async #step(requestId: string): Promise<void> {
		const { below, plane } = this.#world;
		const region = REGIONS[below(REGIONS.length)] ?? expect.fail();
		const key = KEYS[below(KEYS.length)] ?? expect.fail();
		const session = this.#token === undefined ? {} : { "x-heliotrope-session": this.#token };
		const headers = {
			"x-heliotrope-buckets": "2",
			"x-heliotrope-request-id": requestId,
			"x-heliotrope-consistency": "session",
			...session,
		};
		const choice = below(20);
		if (choice < 5) this.#wrote(key, await plane.item(region, "PUT", key, { headers, body: requestId }), requestId);
		else if (choice < 7) this.#wrote(key, await plane.item(region, "DELETE", key, { headers }), requestId);
		else if (choice < 8) this.#listed(await plane.call(region, "GET", `/v1/partitions/${P}/items`, { headers }));
		else if (choice < 11) {
			const startMs = plane.clock.nowMs();
			const answer = await plane.item(region, "GET", key, { headers: { ...headers, "x-heliotrope-consistency": "eventual" } });
			const told = answer.status === 200 ? { value: answer.text } : undefined;
			const stalenessMs = Number(answer.headers["x-heliotrope-staleness-ms"]);
			if (answer.status < 500) this.seen.push({ key, told, eventual: { startMs, stalenessMs } });
		} else {
			const answer = await plane.item(region, "GET", key, { headers });
			if (answer.headers["x-heliotrope-region"] !== this.#world.leader) this.nearReads += 1;
			if (answer.status < 500) this.seen.push({ key, told: answer.status === 200 ? { value: answer.text } : undefined });
			this.#remember(answer);
		}
	}

	#wrote(key: string, answer: TestAnswer, requestId: string): void {
		this.#remember(answer);
		if (answer.status >= 500) return;
		// a write keeps its request id with a fingerprint of what it wrote
		const mine = this.#world.written.find((write) => write.requestId.split("#")[0] === requestId);
		this.seen.push({ key, told: answer.status === 404 || mine === undefined ? undefined : { version: mine.version } });
	}

	#listed(answer: TestAnswer): void {
		this.#remember(answer);
		if (answer.status >= 500) return;
		const items = answer.json["items"] as { key: string; etag: string }[];
		for (const key of KEYS) {
			const version = versionOfTag(items.find((item) => item.key === key)?.etag ?? "");
			this.seen.push({ key, told: version && { version } });
		}
	}

	#remember(answer: TestAnswer): void {
		if (this.#keepsToken) this.#token = answer.headers["x-heliotrope-session"] ?? this.#token;
	}
}

/** Why what a session saw is not what sessions and eventual reads are promised; undefined when it is. */
function violation(seen: readonly Seen[], written: readonly Written[]): string | undefined {
	const floors = new Map<string, Version>();
	for (const [at, { key, told, eventual }] of seen.entries()) {
		const floor = floors.get(key);
		const ofKey = written.filter((write) => write.key === key);
		const version =
			told === undefined ? undefined : "version" in told ? told.version : ofKey.find(({ value }) => value === told.value)?.version;
		if (told !== undefined && version === undefined) return `${at}: ${key} shows what nobody wrote`;
		if (eventual !== undefined) {
			const due = ofKey.filter(({ acceptedAtMs }) => acceptedAtMs < eventual.startMs - eventual.stalenessMs);
			const missed = due.find((write) => version !== undefined && compareVersions(write.version, version) > 0);
			if (missed !== undefined) return `${at}: ${key} is staler than the ${eventual.stalenessMs} ms that it states`;
			if (Number.isNaN(eventual.stalenessMs)) return `${at}: ${key} states no staleness`;
			continue;
		}
		if (version !== undefined && floor !== undefined && compareVersions(version, floor) < 0) return `${at}: ${key} goes back`;
		if (told === undefined && floor !== undefined) {
			// No item: there has to be a delete that is not older than what was seen.
			const deletes = ofKey.filter((write) => write.value === undefined && compareVersions(write.version, floor) >= 0);
			const [earliest] = deletes.map((write) => write.version).sort(compareVersions);
			if (earliest === undefined) return `${at}: ${key} is gone, though nobody deleted what was seen`;
			floors.set(key, earliest);
		}
		if (version !== undefined) floors.set(key, version);
	}
	return undefined;
}

/** Sessions at all regions while leadership moves, rolls back and stays, and a copy goes and returns. */
async function run(seed: number, keepsToken = true): Promise<{ violations: string[]; nearReads: number }> {
	const world = await SessionWorld.start(seed);
	const { below } = world;
	const clients = ["a", "b", "c", "d"].map((name) => new SessionClient(world, name, keepsToken));
	let active = clients.length;
	const carrier = async (): Promise<void> => {
		while (active > 0) {
			await turns(1 + below(30));
			await world.deliverSomething();
		}
	};
	const mover = async (): Promise<void> => {
		for (let i = 0; i < 3; i++) {
			await turns(below(40));
			const others = REGIONS.filter((region) => region !== world.leader);
			const other = others[below(others.length)] ?? expect.fail();
			const { leader } = world;
			const choice = below(4);
			if (choice === 0) await world.cancel();
			else if (choice === 1) await world.removeAndReturn(other);
			else await world.transfer(other);
			// A rollback comes before other followers have heard of the new leader.
			if (choice === 2) await world.transfer(leader);
			await turns(below(20));
			await world.raiseFollowers();
		}
	};
	await Promise.all([...clients.map((client) => client.run().finally(() => (active -= 1))), carrier(), mover()]);
	return {
		violations: clients.flatMap((client) => violation(client.seen, world.written) ?? []),
		nearReads: clients.reduce((sum, client) => sum + client.nearReads, 0),
	};
}

describe("sessions while leadership moves, rolls back and stays, and copies go and return", () => {
	it("read their own writes and never go back; eventual reads are no staler than they say (a failure prints the seed)", async () => {
		let nearReads = 0;
		await fc.assert(
			fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 - 1 }), async (seed) => {
				const outcome = await run(seed);
				nearReads += outcome.nearReads;
				expect(outcome.violations, `seed ${seed}`).toEqual([]);
			}),
			{ numRuns: Number(process.env["HELIOTROPE_SIMULATION_RUNS"] ?? 60) },
		);
		// Else nothing has been tested but the leader.
		expect(nearReads).toBeGreaterThan(40);
	});

	it("would be found out if they forgot what they had seen", async () => {
		const outcomes = await Promise.all(Array.from({ length: 12 }, (_, seed) => run(seed, false)));
		expect(outcomes.flatMap(({ violations }) => violations)).not.toEqual([]);
	});
});
