import { describe, expect, it } from "vitest";
import type { Activity } from "#local/clock/local-clock.ts";
import type { LambdaHost } from "#local/lambda-host/lambda-host.ts";
import { fireSchedule } from "#local/schedules/fire-schedule.ts";
import type { StatesService } from "#local/step-functions/states-service.ts";
import { EU, US } from "#test/__helpers__/data-plane-world.ts";

const AT = "2024-01-01T00:00:00.000Z";
const times = { everyMinutes: 15, offsetMinutes: 0 };

describe("the firing of a schedule", () => {
	const invoked: unknown[] = [];
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
		stage: "local",
	});

	it("reaches the control region, or every region whatever becomes of one", async () => {
		await fire({ name: "one", ...times, target: { function: "f" } }, AT, {} as Activity);
		expect(invoked.splice(0)).toEqual([["f", EU, { scheduledTime: AT }]]);
		const all = { name: "all", ...times, target: { function: "g" }, where: "every-region" } as const;
		await expect(fire(all, AT, {} as Activity)).rejects.toThrow("Lost: us");
		expect(invoked.map((one) => (one as string[])[1])).toEqual([US, EU]);
	});
});
