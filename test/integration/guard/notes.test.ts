import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RegionId } from "#domain/geography/region-id.ts";
import { parseAccess } from "#domain/prediction/access-record.ts";
import { seededRandom } from "#domain/shared/seeded-random.ts";
import { REAL_TIME_LOG_FIELDS } from "#infra/description/event-sources.ts";
import { dataApiPartition } from "#test/__helpers__/data-api-partition.ts";
import { engineAvailable } from "#test/__helpers__/engine.ts";
import { A, B } from "#test/simulation/migration/migration-world.ts";
import { NotesWorld } from "./notes-world.ts";

const WRITERS = 2;

/** Writes and reads one note over and over at both regions, each write until it is acknowledged; the last value, and how many there were. */
async function write(
	world: NotesWorld,
	owner: string,
	note: string,
	seed: number,
	ended: () => boolean,
): Promise<{ text: string; count: number }> {
	const random = seededRandom(seed);
	const region = (): RegionId => (random() < 0.5 ? A : B);
	let [text, count] = ["", 0];
	while (!ended() || count < 3) {
		text = `${note}.${++count}`;
		const body = JSON.stringify({ title: note, text });
		for (let status = 0; status !== 200 && status !== 201; ) {
			({ status } = await world.request(region(), "PUT", `/notes/${owner}/${note}`, body, { "idempotency-key": text }));
			expect([200, 201, 503]).toContain(status);
		}
		await pause(20);
		const read = await world.request(region(), "GET", `/notes/${owner}/${note}`);
		if (read.status !== 503) expect([read.status, read.text]).toEqual([200, body]);
	}
	return { text, count };
}

/** Pages through the partition's list at both regions, cursor by cursor: every page in byte order, nothing that was there at the start left out. */
async function list(world: NotesWorld, owner: string, ended: () => boolean): Promise<number> {
	let lists = 0;
	while (!ended()) {
		const keys: string[] = [];
		let cursor: string | undefined;
		do {
			const query = `limit=1${cursor === undefined ? "" : `&cursor=${cursor}`}`;
			const page = await world.request(keys.length % 2 === 0 ? A : B, "GET", `/v1/partitions/notes:${owner}/items?${query}`);
			if (page.status === 503) continue;
			expect(page.status).toBe(200);
			const body = JSON.parse(page.text) as { items: { key: string }[]; cursor?: string };
			keys.push(...body.items.map(({ key }) => key));
			({ cursor } = body);
		} while (cursor !== undefined);
		expect(keys).toEqual([...new Set(keys)].toSorted());
		expect(keys).toContain("note/first");
		lists += 1;
		await pause(20);
	}
	return lists;
}

describe.skipIf(!engineAvailable).each(["serve", "forward"] as const)(
	"the notes application while its partition moves, stale requests: %s",
	(stale) => {
		let world: NotesWorld;
		beforeAll(async () => {
			world = await NotesWorld.start(stale);
		});
		afterAll(() => world?.stop());

		it("loses nothing, and reads what was written last, there and back", async () => {
			expect((await world.request(A, "PUT", "/notes/ann/first", JSON.stringify({ title: "t", text: "x" }))).status).toBe(201);
			expect((await world.request(B, "GET", "/notes/ann/first")).status).toBe(200);
			let ended = false;
			const names = Array.from({ length: WRITERS }, (_, i) => `note-${i}`);
			const writers = Promise.all(names.map((name, i) => write(world, "ann", name, i, () => ended)));
			const lister = list(world, "ann", () => ended);
			const moves = (async () => {
				const outcomes = [];
				for (const [from, to] of [
					[A, B],
					[B, A],
				] as const)
					outcomes.push(await world.move("ann", from, to));
				ended = true;
				return outcomes;
			})();
			const [last, moved, lists] = await Promise.all([writers, moves, lister]);
			expect(lists).toBeGreaterThan(0);
			for (const one of moved) expect(one).toMatchObject({ state: "completed", decision: "committed" });
			expect(await world.leaderOf("ann")).toBe(A);
			for (const [i, { text }] of last.entries())
				expect(JSON.parse((await world.request(A, "GET", `/notes/ann/note-${i}`)).text)).toMatchObject({ text });
			expect(JSON.parse((await world.request(A, "GET", "/notes/ann")).text)).toEqual({ notes: ["first", ...names] });
			expect(Math.min(...last.map(({ count }) => count))).toBeGreaterThan(2);
			if (stale === "forward") expect(new Set(world.forwarded)).toEqual(new Set([`${A} -> ${B}`, `${B} -> ${A}`]));
			else expect(world.forwarded).toEqual([]);
		});

		it("recorded every access as the forecast counts them, once", () => {
			const locate = ({ region }: { region: string | undefined }) => (region === A || region === B ? (region as RegionId) : undefined);
			const fields = (line: string) => Object.fromEntries(line.split("\t").map((value, i) => [REAL_TIME_LOG_FIELDS[i] ?? "", value]));
			const parsed = world.accesses.map((line) =>
				parseAccess(fields(line), { locate, partitionOf: dataApiPartition }, world.gate.clock.nowMs()),
			);
			const counted = parsed.flatMap((one) => (one.kind === "access" ? [one.access] : []));
			expect(parsed.filter((one) => one.kind === "skipped" && one.reason !== "not-served")).toEqual([]);
			expect(new Set(counted.map(({ partition }) => partition))).toEqual(new Set(["notes:ann"]));
			expect(new Set(counted.map(({ region }) => region))).toEqual(new Set([A, B]));
			expect(new Set(counted.map(({ requestId }) => requestId)).size).toBe(counted.length);
		});

		it("answers requests that are none of its own, and those that are wrong", async () => {
			expect((await world.request(A, "GET", "/elsewhere")).status).toBe(404);
			expect((await world.request(A, "PUT", "/notes/ann/x", "{")).status).toBe(400);
			expect((await world.request(A, "POST", "/notes/ann/x")).status).toBe(405);
			expect((await world.request(A, "DELETE", "/notes/ann/none")).status).toBe(404);
			expect((await world.request(A, "GET", "/notes/nobody")).text).toBe('{"notes":[]}');
			const several = JSON.stringify({ one: { title: "1", text: "x" }, first: { title: "2", text: "y" } });
			const imported = await world.request(B, "POST", "/notes/ann", several, { "idempotency-key": "import" });
			expect([imported.status, imported.text]).toEqual([207, '{"one":"written","first":"written"}']);
			expect((await world.request(A, "POST", "/notes/ann", "[]")).status).toBe(400);
			expect((await world.request(A, "DELETE", "/notes/ann/first")).status).toBe(204);
			expect(
				(await world.request(A, "PUT", "/notes/ann/first", JSON.stringify({ title: "t", text: "x" }), { "if-match": '"1-1"' })).status,
			).toBe(412);
		});
	},
);

describe.skipIf(!engineAvailable)("an application that refuses stale requests", () => {
	it("says with 421 which region leads", async () => {
		const world = await NotesWorld.start("reject");
		try {
			await world.request(A, "PUT", "/notes/bob/n", JSON.stringify({ title: "t", text: "x" }));
			const refused = await world.request(B, "GET", "/notes/bob/n");
			expect(refused).toMatchObject({ status: 421, headers: { "x-heliotrope-region": A, "content-type": "application/problem+json" } });
			expect((await world.request(A, "GET", "/notes/bob/n")).status).toBe(200);
		} finally {
			await world.stop();
		}
	});
});
