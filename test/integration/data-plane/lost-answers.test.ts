import { TransactionCanceledException, TransactionConflictException } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createRegionalStore } from "#adapters/dynamodb/dynamodb-regional-store.ts";
import { UnavailableError } from "#domain/shared/errors.ts";
import { engineAvailable, startEngine, type TestEngine } from "#test/__helpers__/engine.ts";
import { ManualClock } from "#test/__helpers__/manual-clock.ts";
import { fence, freshBucket, HOME, put, setFence } from "#test/contract/regional-store/fixtures.ts";

type Fault = "lose-answer" | "never-sent" | "throttle" | "conflict" | "transaction-conflict";

const networkError = (): Error => Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
const failures: Record<Exclude<Fault, "lose-answer">, () => Error> = {
	"never-sent": () => Object.assign(new Error("refused"), { code: "ECONNREFUSED" }),
	throttle: () => Object.assign(new Error("slow down"), { name: "ProvisionedThroughputExceededException" }),
	conflict: () => new TransactionConflictException({ message: "conflict", $metadata: {} }),
	"transaction-conflict": () =>
		new TransactionCanceledException({
			message: "conflict",
			$metadata: {},
			CancellationReasons: [{ Code: "TransactionConflict" }, { Code: "ConditionalCheckFailed" }, { Code: "None" }],
		}),
};

describe.skipIf(!engineAvailable)("the regional store when attempts fail", () => {
	let engine: TestEngine;
	const clock = new ManualClock();
	/** What happens to the next attempts of writes, in order. */
	let faults: Fault[] = [];
	let attempts = 0;
	const store = () => {
		const client = engine.client();
		client.middlewareStack.add(
			(next, context) => async (args) => {
				if (!/Update|Transact|Delete/.test(String(context.commandName)) || context.commandName === "TransactGetItemsCommand")
					return next(args);
				attempts += 1;
				const fault = faults.shift();
				if (fault === undefined) return next(args);
				if (fault !== "lose-answer") throw failures[fault]();
				await next(args).catch(() => undefined);
				throw networkError();
			},
			{ step: "finalizeRequest", priority: "high" },
		);
		return createRegionalStore({ client, tableName: "data", region: HOME, clock });
	};
	const lease = (epoch = 1) => ({ epoch, validUntilMs: clock.nowMs() + 2_000 });
	beforeAll(async () => {
		engine = await startEngine();
		await engine.createTable("data");
	});
	afterAll(() => engine?.stop());
	beforeEach(() => {
		faults = [];
		attempts = 0;
	});

	it("a steady write whose answer was lost has succeeded, once", async () => {
		const one = store();
		const ref = freshBucket();
		faults = ["lose-answer"];
		const first = put("k");
		expect(await one.writeSteady(ref, first, lease())).toEqual({ kind: "written", created: true, version: { epoch: 1, n: first.nowMs } });
		expect(attempts).toBe(1);
	});

	it("a steady write of unknown outcome that is not to be seen is not repeated", async () => {
		const one = store();
		const ref = freshBucket();
		faults = ["lose-answer"];
		await one.writeSteady(ref, put("k"), lease());
		faults = ["lose-answer"];
		// Its condition fails, and the answer that says so is lost.
		const write = put("k", { precondition: { kind: "if-none-match-any" } });
		attempts = 0;
		await expect(one.writeSteady(ref, write, lease())).rejects.toThrow(UnavailableError);
		expect(attempts).toBe(1);
	});

	it.each(["never-sent", "throttle", "conflict"] as const)("a steady write is repeated after %s, within its lease", async (fault) => {
		const one = store();
		const ref = freshBucket();
		faults = [fault, fault];
		expect(await one.writeSteady(ref, put("k"), lease())).toMatchObject({ kind: "written", created: true });
		faults = [fault, fault, fault, fault];
		await expect(one.writeSteady(ref, put("k"), lease())).rejects.toThrow(UnavailableError);
		faults = [fault, fault];
		attempts = 0;
		const brief = { epoch: 1, validUntilMs: clock.nowMs() + 1 };
		expect(await one.writeSteady(ref, put("k"), brief)).toEqual({ kind: "fence-changed" });
		expect(attempts).toBe(1);
	});

	it.each(["lose-answer", "never-sent", "throttle", "transaction-conflict"] as const)(
		"a guarded write counts once after %s",
		async (fault) => {
			const one = store();
			const ref = freshBucket();
			await setFence(one, ref, fence({ mode: "guarded" }));
			faults = [fault, fault];
			const write = put("k");
			expect(await one.writeGuarded(ref, write, 1)).toEqual({ kind: "written", created: true, version: { epoch: 1, n: write.nowMs } });
			expect((await one.readFence(ref))?.seq).toBe(1);
		},
	);

	it("a guarded write gives up on a conflict that does not end", async () => {
		const one = store();
		const ref = freshBucket();
		await setFence(one, ref, fence({ mode: "guarded" }));
		faults = Array(20).fill("transaction-conflict");
		await expect(one.writeGuarded(ref, put("k"), 1)).rejects.toThrow(UnavailableError);
		faults = [];
		expect(await one.readItem(ref, "k")).toBeUndefined();
	});

	it("a change of fences whose answer was lost either says applied or that it does not know", async () => {
		const one = store();
		const ref = freshBucket();
		faults = ["lose-answer"];
		const outcome = await one
			.changeFences(ref.partition, [{ bucket: 0, expect: "absent", next: fence() }])
			.catch((error: unknown) => error);
		expect(outcome === "applied" || outcome instanceof UnavailableError, String(outcome)).toBe(true);
		expect(await one.readFence(ref)).toMatchObject({ role: "leader" });
	});

	it("carrying and journal removal shrug off lost answers", async () => {
		const one = store();
		const ref = freshBucket();
		await setFence(one, ref, fence({ role: "joining" }));
		const version = { epoch: 1, n: 5 };
		const item = { key: "k", version, body: new Uint8Array([1]), contentType: "", deleted: false, requestId: "r", writtenAtMs: 1 };
		faults = ["lose-answer"];
		expect(["stored", "already-newer"]).toContain(await one.carry(ref, item, { epoch: 1 }));
		expect(await one.readItem(ref, "k")).toEqual(item);
		faults = ["lose-answer"];
		expect(await one.removeJournalEntry(ref, "k", version)).toBe("absent");
	});
});
