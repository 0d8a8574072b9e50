import { expect, test } from "vitest";
import { administer } from "#lambdas/administer/administer.ts";
import { FakePorts, IRELAND, partitionRecord, TOKYO } from "#test/unit/administer/fake-ports.ts";

async function call(ports: FakePorts, path: string, body: unknown) {
	const request = { method: "POST", path: `/admin/v1/partitions/acme/${path}`, query: new URLSearchParams(), body: JSON.stringify(body) };
	return administer(ports, request, (error) => {
		throw error;
	});
}

test("promotion goes on in as many requests as it takes, or is refused with its code", async () => {
	const ports = new FakePorts();
	const record = partitionRecord("acme", { leader: TOKYO, epoch: 5, lost: [{ region: IRELAND, epoch: 5, sinceMs: 1 }] });
	const refusal = { kind: "refused", reason: "r" } as const;
	ports.promotionOutcomes.push({ kind: "again", waitSeconds: 15, record }, { kind: "promoted", record });
	ports.promotionOutcomes.push({ ...refusal, code: "promotion.not-confirmed-off" }, { ...refusal, code: "promotion.partition-unknown" });
	const promote = (body: unknown) => call(ports, "promote", body);
	expect(await promote({ target: TOKYO, confirmedOff: [IRELAND] })).toMatchObject({
		status: 202,
		body: { promoted: false, waitSeconds: 15 },
	});
	expect(await promote({ target: TOKYO })).toMatchObject({
		status: 200,
		body: { promoted: true, leader: TOKYO, epoch: 5, lost: [IRELAND] },
	});
	expect(await promote({ target: TOKYO, mayLoseWrites: true })).toMatchObject({
		status: 409,
		body: { code: "promotion.not-confirmed-off" },
	});
	expect(await promote({ target: TOKYO })).toMatchObject({ status: 404 });
	expect(await promote({ target: "sa-east-1" })).toMatchObject({ status: 422, body: { code: "region.unknown" } });
	expect(await promote({})).toMatchObject({ status: 400 });
	expect(ports.promotionRequests.slice(0, 3)).toEqual([
		{ target: TOKYO, confirmedOff: [IRELAND], mayLoseWrites: false },
		{ target: TOKYO, confirmedOff: [], mayLoseWrites: false },
		{ target: TOKYO, confirmedOff: [], mayLoseWrites: true },
	]);
});

test("a returned copy is listed page by page, by a cursor that leads back to its place", async () => {
	const ports = new FakePorts();
	const loss = { key: "a", version: { epoch: 3, n: 7 }, deleted: false, writtenAtMs: 1, certain: true };
	const next = { bucket: 1, after: "é", count: 1 };
	ports.reclaimOutcomes.push({ kind: "waiting", waitSeconds: 15 }, { kind: "losses", losses: [loss], count: 1, next }, { kind: "again" });
	ports.reclaimOutcomes.push({ kind: "refused", code: "returned.losses-not-seen", reason: "r" });
	const reclaim = (more: object) => call(ports, "reclaim", { region: IRELAND, ...more });
	expect(await reclaim({})).toMatchObject({ status: 202, body: { state: "waiting", waitSeconds: 15 } });
	const { status, body } = await reclaim({ limit: 1 });
	expect({ status, body }).toMatchObject({ status: 200, body: { state: "losses", losses: [loss], count: 1 } });
	const { cursor } = body as { cursor: string };
	expect(await reclaim({ cursor, discardLosses: 2 })).toMatchObject({ status: 202, body: { state: "discarding" } });
	expect(ports.promotionRequests.at(-1)).toEqual({ region: IRELAND, limit: 100, from: next, discardLosses: 2 });
	expect(await reclaim({})).toMatchObject({ status: 409, body: { code: "returned.losses-not-seen" } });
	expect(await reclaim({})).toMatchObject({ status: 200, body: { state: "reclaimed" } });
	expect(await reclaim({ cursor: "nonsense" })).toMatchObject({ status: 400, body: { code: "cursor.invalid" } });
});
