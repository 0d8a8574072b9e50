import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Stage } from "#domain/migration/stages.ts";
import { seededRandom } from "#domain/shared/seeded-random.ts";
import { engineAvailable } from "#test/__helpers__/engine.ts";
import { requestsBegun, stageUnderWay } from "#test/e2e/main-job/durable-progress.ts";
import { Fixture, LIMIT, readReport } from "#test/e2e/main-job/fixture.ts";
import type { HeliotropeProcess } from "#test/e2e/main-job/heliotrope-process.ts";
import { officeLog } from "#test/e2e/main-job/office-log.ts";

const SEED = Number(process.env["HELIOTROPE_E2E_SEED"] ?? 1);
/** Stages at or after which the first kill comes, in the order in which they run; the last of them lasts long enough not to be missed. */
const STAGES = [Stage.CreateReplica, Stage.Synchronize, Stage.ShiftTraffic, Stage.Cutover, Stage.UpdateMetadata, Stage.Soak];

describe.skipIf(!engineAvailable)("a run that is killed", LIMIT, () => {
	const fixture = new Fixture();
	const log = officeLog();
	const random = seededRandom(SEED);
	const flags = { trace: fixture.path("log.csv"), data: fixture.path("data"), report: fixture.path("out.json") };

	beforeAll(() => writeFileSync(flags.trace, log.csv));
	afterAll(() => fixture.dispose());

	const between = (low: number, high: number): number => Math.floor((low + random() * (high - low)) * log.requests);

	/** What the runs noted, without the usual. */
	const diagnostics = (): string => {
		const lines = readFileSync(`${flags.data}/heliotrope.log`, "utf8").split("\n");
		return lines
			.filter((line) => !line.includes("built-in ready"))
			.slice(-20)
			.join("\n");
	};

	async function killedWhen(what: string, holds: () => boolean, kill: (run: HeliotropeProcess) => void): Promise<HeliotropeProcess> {
		const run = fixture.play(flags);
		await run.up();
		await run.until(what, holds);
		kill(run);
		expect(await run.exited).toEqual({ code: null, signal: "SIGKILL" });
		expect(existsSync(flags.report)).toBe(false);
		return run;
	}

	test(`goes on and loses nothing, killed twice (seed ${SEED})`, async () => {
		const stages = STAGES.slice(Math.floor(random() * STAGES.length));
		const inMigration = (): boolean => stages.some((stage) => stage === stageUnderWay(flags.data));
		const later = between(0.65, 0.9);

		const first = await killedWhen(`a migration was in ${stages[0]}`, inMigration, (run) => run.signalTree("SIGKILL"));
		expect(requestsBegun(flags.data)).toBeLessThan(later);
		// The process alone: its engines live on until the next start ends them.
		const orphaning = await killedWhen(
			`request ${later}`,
			() => requestsBegun(flags.data) >= later,
			(run) => run.signal("SIGKILL"),
		);
		expect(orphaning.running().filter((command) => command.includes(flags.data)).length).toBeGreaterThan(0);
		const final = fixture.play(flags);
		const exit = await final.exited;
		expect(final.stderr).toContain("no write was lost");
		expect(exit).toEqual({ code: 0, signal: null });
		for (const run of [first, orphaning, final]) expect(await run.left()).toEqual([]);

		const report = readReport(flags.report);
		expect(report, diagnostics()).toMatchObject({
			rows: log.rows,
			requests: log.requests,
			errors: 0,
			lostWrites: 0,
			wrongReads: 0,
			settled: true,
		});
		expect(report.migrations).toMatchObject({ running: 0, failed: 0 });
		expect(report.migrations.completed).toBeGreaterThan(0);
		expect(stageUnderWay(flags.data)).toBeUndefined();
	});
});
