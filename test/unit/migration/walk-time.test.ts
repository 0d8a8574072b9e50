import { expect, it } from "vitest";
import { SCHEDULES } from "#infra/description/schedules.ts";
import { scheduled } from "#infra/settings/scheduled.ts";
import { parseSettings } from "#infra/settings.ts";
import { isWalkTime } from "#lambdas/reconcile-migrations/walk-orphans.ts";
import { nextFiringMs } from "#local/schedules/schedule-runner.ts";

const DAY_MS = 86_400_000;

it.each([1, 5, 10, 12, 20, 30, 60])(
	"looks once a day at whether a walk is due, where recovery runs every %i minutes",
	(reconcileMinutes) => {
		const settings = parseSettings({ stage: "test", regions: ["eu-west-1"], controlRegion: "eu-west-1", schedules: { reconcileMinutes } });
		const description = SCHEDULES.find(({ name }) => name === "reconcile");
		if (description === undefined) throw new Error("no schedule of recovery");
		const pace = scheduled(settings, description);
		let walks = 0;
		for (let atMs = nextFiringMs(pace, -1); atMs < DAY_MS; atMs = nextFiringMs(pace, atMs))
			if (isWalkTime(new Date(atMs).toISOString())) walks += 1;
		expect(walks).toBe(1);
	},
);
