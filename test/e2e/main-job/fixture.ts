import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { scratchRoot } from "#local/state/scratch-directory.ts";
import { type Report, reportSchema } from "#local/workload/report.ts";
import { HeliotropeProcess } from "#test/e2e/main-job/heliotrope-process.ts";

/** Regions of these tests; the first is the control region. */
export const REGIONS = ["us-east-1", "eu-west-1", "ap-northeast-1"] as const;

const COMMON_FLAGS = ["--headless", "--port", "0", "--regions", REGIONS.join(",")] as const;

/** Whole runs of real processes: what takes seconds on a quiet machine may take minutes on a busy one. */
export const LIMIT = { timeout: 300_000 } as const;

/** How a test's run differs from the usual one. */
export interface RunFlags {
	readonly trace: string;
	readonly data: string;
	readonly report: string;
	/** Plays rows before this time. @default all */
	readonly to?: string;
}

/** A folder and the processes that work in it; both go with `dispose`. */
export class Fixture {
	readonly folder = mkdtempSync(join(scratchRoot(), "heliotrope-main-job-"));
	readonly #started: HeliotropeProcess[] = [];

	path(name: string): string {
		return join(this.folder, name);
	}

	/** `heliotrope start` on a free port, three regions, headless. */
	start(flags: readonly string[], env?: Readonly<Record<string, string>>): HeliotropeProcess {
		return this.#run([process.execPath, "cli/heliotrope.mjs", "start", ...COMMON_FLAGS, ...flags], env);
	}

	/** The same by way of `npm start`. */
	npmStart(flags: readonly string[]): HeliotropeProcess {
		return this.#run(["npm", "start", "--", ...COMMON_FLAGS, ...flags]);
	}

	/** Plays a log to its end as fast as it goes. */
	play({ trace, data, report, to }: RunFlags): HeliotropeProcess {
		const until = to === undefined ? [] : ["--to", to];
		return this.start(["--trace", trace, "--speed", "max", "--once", "--seed", "1", "--data", data, "--report", report, ...until]);
	}

	/** With HELIOTROPE_E2E_KEEP in the environment the folder stays for a look. */
	dispose(): void {
		for (const started of this.#started) started.dispose();
		if (process.env["HELIOTROPE_E2E_KEEP"] === undefined) rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
	}

	#run(command: readonly [string, ...string[]], env?: Readonly<Record<string, string>>): HeliotropeProcess {
		const started = new HeliotropeProcess(command, this.folder, env);
		this.#started.push(started);
		return started;
	}
}

/** A report as written, strictly of its shape. */
export const readReport = (file: string): Report => reportSchema.parse(JSON.parse(readFileSync(file, "utf8")));
