import { regionId } from "#domain/geography/region-id.ts";
import { paceToWall } from "#local/workload/pacer.ts";
import { AdminCloud } from "#test/e2e/admin/admin-cloud.ts";

const VIRGINIA = regionId("us-east-1");
const IRELAND = regionId("eu-west-1");
const TOKYO = regionId("ap-northeast-1");
const HOUR_SECONDS = 3600;
const FILLERS = 25;

/** A cloud with something to look at: more partitions than fit a page, forecasts, decisions, a migration that soaks and one cancelled. */
export interface ConsoleWorld {
	readonly url: string;
	readonly token: string;
	stop(): Promise<void>;
}

/** Lays the world out in virtual time, then lets time run at about the wall's pace. */
export async function startConsoleWorld(): Promise<ConsoleWorld> {
	const heliotrope = await AdminCloud.start([VIRGINIA, IRELAND, TOKYO], Date.UTC(2025, 1, 17, 9, 30));
	const write = (from: typeof TOKYO, partition: string, key: string) =>
		heliotrope.view(from, "PUT", `partitions/${partition}/items/${key}`, "v");
	for (let n = 0; n < FILLERS; n += 1) await write(VIRGINIA, `filler-${String(n).padStart(2, "0")}`, "k");
	await write(IRELAND, "globex", "k");
	await write(VIRGINIA, "initech", "k");
	for (let n = 0; n < 5; n += 1) await write(TOKYO, "initech", `t${n}`);
	await heliotrope.until("summary", ({ decisions }) => Number(decisions) > 0, 4 * HOUR_SECONDS);
	await heliotrope.admin("PATCH", "partitions/filler-00", { pin: VIRGINIA, residency: [VIRGINIA, IRELAND], freeze: true });
	const cancelled = await migrate(heliotrope, "filler-01", {});
	await heliotrope.admin("POST", `${cancelled}/cancel`);
	await heliotrope.until(cancelled, ({ state }) => state === "cancelled", HOUR_SECONDS);
	const soaking = await migrate(heliotrope, "globex", { canary: [], soakSeconds: 24 * HOUR_SECONDS });
	await heliotrope.until(soaking, ({ stage }) => stage === "Soak", HOUR_SECONDS);
	const { url, adminToken, clock } = heliotrope.cloud;
	const letGo = paceToWall(clock);
	// the test's own chain of work would hold the time
	void heliotrope.wait(24 * HOUR_SECONDS);
	return {
		url,
		token: adminToken,
		stop: async () => {
			letGo();
			await heliotrope.stop();
		},
	};
}

async function migrate(heliotrope: AdminCloud, partition: string, options: object): Promise<string> {
	const { body } = await heliotrope.admin("POST", `partitions/${partition}/migrations`, { target: TOKYO, ...options });
	const migration = `migrations/${String(body["migrationId"])}`;
	await heliotrope.until(migration, ({ version }) => version !== undefined, 60);
	return migration;
}
