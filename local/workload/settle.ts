import type { LocalClock } from "#local/clock/local-clock.ts";
import type { AdminClient } from "#local/workload/admin-client.ts";

const POLL_SECONDS = 30;
/** A migration soaks for minutes; a restarted one begins again. Hours mean that it does not end. */
export const SETTLE_LIMIT_SECONDS = 6 * 3600;

/** Waits in the clock's time until no migration runs; whether that came about within the limit. */
export async function settleMigrations(
	admin: Pick<AdminClient, "summary">,
	clock: LocalClock,
	isStopped: () => boolean,
	limitSeconds: number = SETTLE_LIMIT_SECONDS,
): Promise<boolean> {
	const untilMs = clock.nowMs() + limitSeconds * 1000;
	while (!isStopped()) {
		if ((await admin.summary()).migrations.running === 0) return true;
		if (clock.nowMs() >= untilMs) return false;
		await clock.sleep(POLL_SECONDS * 1000);
	}
	return false;
}
