import { describe, expect, it } from "vitest";
import { SCHEDULES } from "#infra/description/schedules.ts";
import type { Activity } from "#local/clock/local-clock.ts";
import { VirtualClock } from "#local/clock/virtual-clock.ts";
import type { LambdaHost } from "#local/lambda-host/lambda-host.ts";
import { fireSchedule } from "#local/schedules/fire-schedule.ts";
import type { StatesService } from "#local/step-functions/states-service.ts";
import { EU, US } from "#test/__helpers__/data-plane-world.ts";

const AT = "2024-01-01T00:00:00.000Z";
const times = { everyMinutes: 15, offsetMinutes: 0 };

describe("the firing of a schedule", () => {
	const invoked: unknown[] = [];
	const logged: string[] = [];
	const clock = new VirtualClock({ startMs: 0, speed: Number.POSITIVE_INFINITY });
	const fire = fireSchedule({
		steps: {} as StatesService,
		lambda: {
			invoke: async ({ function: name, region, event }: { function: string; region: string; event: unknown }) => {
				invoked.push([name, region, event]);
				return region === US ? { ok: false, errorType: "Lost", errorMessage: "us" } : { ok: true, payload: null };
			},
		} as unknown as LambdaHost,
		regions: [US, EU],
		controlRegion: EU,
		clock,
		stage: "local",
		log: (line) => logged.push(line),
	});

	it("reaches the control region, or every region whatever becomes of one", async () => {
		await fire({ name: "one", ...times, target: { function: "f" } }, AT, {} as Activity);
		expect(invoked.splice(0)).toEqual([["f", EU, { scheduledTime: AT }]]);
		const all = { name: "all", ...times, target: { function: "g" }, where: "every-region" } as const;
		await fire(all, AT, {} as Activity);
		await clock.whenIdle();
		expect(invoked.map((one) => (one as string[])[1])).toEqual([US, EU]);
		expect(logged).toEqual([expect.stringContaining(`${US}: Lost: us`)]);
	});

	it("tells recovery to leave the sweep of parked keys to the regions", async () => {
		invoked.splice(0);
		const recovery = SCHEDULES.filter(({ name }) => name === "reconcile");
		for (const schedule of recovery) await fire(schedule, AT, {} as Activity);
		expect(invoked).toEqual([["reconcile-migrations", EU, { scheduledTime: AT, sweeps: false }]]);
	});
});
