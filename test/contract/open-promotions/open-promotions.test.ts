import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createOpenPromotions } from "#adapters/dynamodb/open-promotions.ts";
import { partitionId } from "#domain/partition/partition-id.ts";
import type { OpenPromotions } from "#domain/ports/open-promotions.ts";
import { MemoryOpenPromotions } from "#simulation/stores/memory-open-promotions.ts";
import { AP, EU } from "#test/__helpers__/data-plane-world.ts";
import { engineAvailable, startEngine, type TestEngine } from "#test/__helpers__/engine.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";

const [A, B, C] = ["a", "b:1", "c~"].map(partitionId) as [ReturnType<typeof partitionId>, ReturnType<typeof partitionId>, never];

function describeOpenPromotions(name: string, make: () => OpenPromotions): void {
	describe(`open promotions: ${name}`, () => {
		it("are listed page by page until they are closed, and what was noted again stays", async () => {
			const open = make();
			for (const [i, partition] of [A, B, C].entries()) await open.note(partition, 10 + i);
			await open.note(A, 20);
			const first = await open.list({ limit: 2 });
			expect(first.entries).toEqual([
				{ partition: A, notedAtMs: 20, rejoin: [] },
				{ partition: B, notedAtMs: 11, rejoin: [] },
			]);
			const rest = await open.list({ limit: 2, ...(first.next === undefined ? {} : { after: first.next }) });
			expect(rest).toEqual({ entries: [{ partition: C, notedAtMs: 12, rejoin: [] }] });
			await open.close({ partition: A, notedAtMs: 10 });
			await open.close({ partition: B, notedAtMs: 11 });
			await open.close({ partition: B, notedAtMs: 11 });
			expect((await open.list({ limit: 10 })).entries.map(({ partition }) => partition)).toEqual([A, C]);
			await open.close({ partition: A, notedAtMs: 20 });
			await open.close({ partition: C, notedAtMs: 12 });
			expect(await open.list({ limit: 10 })).toEqual({ entries: [] });
		});

		it("keep the regions that are to rejoin, and are not closed before these have", async () => {
			const open = make();
			await open.noteRejoin(A, EU, 5);
			await open.noteRejoin(A, AP, 6);
			await open.noteRejoin(A, AP, 6);
			await open.note(A, 7);
			expect((await open.list({ limit: 10 })).entries).toEqual([{ partition: A, notedAtMs: 7, rejoin: [AP, EU] }]);
			await open.dropRejoin(A, EU);
			await open.close({ partition: A, notedAtMs: 7 });
			expect((await open.list({ limit: 10 })).entries).toEqual([{ partition: A, notedAtMs: 7, rejoin: [AP] }]);
			await open.dropRejoin(A, AP);
			await open.dropRejoin(B, AP);
			await open.close({ partition: A, notedAtMs: 7 });
			expect(await open.list({ limit: 10 })).toEqual({ entries: [] });
		});
	});
}

describeOpenPromotions("in memory", () => new MemoryOpenPromotions());

describe.skipIf(!engineAvailable)("on a real engine", () => {
	let engine: TestEngine;
	let client: DynamoDBDocumentClient;
	beforeAll(async () => {
		engine = await startEngine();
		await engine.createTable("decisions");
		client = DynamoDBDocumentClient.from(engine.client());
	});
	afterAll(() => engine.stop());
	describeOpenPromotions("DynamoDB", () => createOpenPromotions({ client, tableName: "decisions", clock: new ManualClock() }));
});
