import type { Display } from "#cli/display/display.ts";
import { MoveFeed } from "#cli/display/move-feed.ts";
import { PaceMeter, type Snapshot, takeSnapshot } from "#cli/display/snapshot.ts";
import type { Interruption } from "#cli/interruption.ts";
import type { StartOptions } from "#cli/start-options.ts";
import type { WorkloadSource } from "#cli/workload-source.ts";
import type { LocalCloud } from "#local/cloud.ts";
import { AdminClient, type Summary } from "#local/workload/admin-client.ts";
import { HttpClient } from "#local/workload/http-client.ts";
import { Counter } from "#local/workload/judge.ts";
import { Ledger } from "#local/workload/ledger.ts";
import { WorkloadPlayer } from "#local/workload/player.ts";
import { readBack } from "#local/workload/read-back.ts";
import { makeReport, type Report } from "#local/workload/report.ts";
import { settleMigrations } from "#local/workload/settle.ts";
import { residencyOf } from "#replay/world/demo-world.ts";

/** What a run of a workload needs. */
export interface RunOptions {
	readonly options: StartOptions;
	readonly source: WorkloadSource;
	readonly cloud: LocalCloud;
	readonly dataDir: string;
	readonly display: Display;
	readonly interruption: Interruption;
	readonly log: (line: string) => void;
}

/** How a run ended. A report is made at the end of the workload, and for an endless one that was stopped where one was asked for. */
export interface RunResult {
	readonly ended: boolean;
	readonly report: Report | undefined;
}

/** Requests under way are waited for this long after an interruption, in wall ms. */
const STOP_LIMIT_MS = 5_000;
const LIVE_POLL_MS = 2_000;
/** As often as a line is printed: every look costs a run of the admin function. */
const HEADLESS_POLL_MS = 10_000;

/** Plays a workload against a running cloud, with progress, and verifies it at its end. @throws OtherRunError, LogError */
export async function runWorkload(run: RunOptions): Promise<RunResult> {
	const ledger = new Ledger(run.dataDir);
	const session = new Session(run, ledger);
	try {
		ledger.claim(run.dataDir, identityOf(run));
		return await session.play();
	} finally {
		session.close();
		ledger.close();
	}
}

/** What must be the same for a run to be resumed. */
const identityOf = ({ options, source }: RunOptions): Record<string, string> => ({
	workload: source.name,
	seed: String(options.seed),
	from: String(options.fromMs ?? "the beginning"),
	to: String(options.toMs ?? "the end"),
	regions: options.regions.join(","),
});

class Session {
	readonly #run: RunOptions;
	readonly #ledger: Ledger;
	readonly #client: HttpClient;
	readonly #admin: AdminClient;
	readonly #moves: MoveFeed;
	readonly #pace = new PaceMeter();
	readonly #poll: NodeJS.Timeout;
	#activity = "playing";
	#summary: Summary | undefined;
	#latest: readonly string[] = [];
	#polling = false;

	constructor(run: RunOptions, ledger: Ledger) {
		this.#run = run;
		this.#ledger = ledger;
		this.#client = new HttpClient(run.cloud.url);
		this.#admin = new AdminClient(run.cloud);
		this.#moves = new MoveFeed(this.#admin);
		this.#poll = setInterval(() => void this.#look(), run.options.headless ? HEADLESS_POLL_MS : LIVE_POLL_MS);
	}

	async play(): Promise<RunResult> {
		const { display, options, interruption } = this.#run;
		display.start(() => this.#snapshot());
		const player = this.#player();
		const running = player.run();
		const outcome = await Promise.race([running, interruption.requested.then(() => "interrupted" as const)]);
		if (outcome === "interrupted") {
			player.stop();
			await Promise.race([running, wallPause(STOP_LIMIT_MS)]);
			const report = options.report !== undefined && !options.once ? await this.#verify(false) : undefined;
			return { ended: false, report };
		}
		this.#activity = "waiting for migrations to end";
		const settled = await settleMigrations(this.#admin, this.#run.cloud.clock, () => interruption.isRequested);
		const report = interruption.isRequested && options.once ? undefined : await this.#verify(settled);
		return { ended: report !== undefined, report };
	}

	close(): void {
		clearInterval(this.#poll);
		this.#run.display.stop();
		this.#client.close();
		this.#admin.close();
	}

	#player(): WorkloadPlayer {
		const { cloud, source, options } = this.#run;
		const startMs = Number(this.#ledger.remember("startMs", String(source.startMs)));
		const residency = async (partition: string, activity: Parameters<AdminClient["patchPartition"]>[2]): Promise<void> => {
			const allowed = residencyOf(partition, options.regions);
			if (allowed !== undefined) await this.#setResidency(partition, allowed, activity);
		};
		return new WorkloadPlayer({
			cloud,
			client: this.#client,
			ledger: this.#ledger,
			rows: source.rows(startMs),
			seed: options.seed,
			shiftToNow: options.speed === 1,
			...(options.workload === "demo" ? { onFirstWrite: residency } : {}),
		});
	}

	async #setResidency(
		partition: string,
		residency: readonly string[],
		activity: Parameters<AdminClient["patchPartition"]>[2],
	): Promise<void> {
		try {
			await this.#admin.patchPartition(partition, { residency }, activity);
		} catch (error) {
			this.#run.log(`residency of ${partition} was not set: ${String(error)}`);
			this.#run.display.say(`the residency of ${partition} could not be set; see the log`);
		}
	}

	async #verify(settled: boolean): Promise<Report> {
		const { cloud, source, interruption } = this.#run;
		this.#activity = "reading every written key back";
		const startedMs = performance.now();
		const isStopped = (): boolean => interruption.isRequested && this.#run.options.once;
		const found = await readBack({ ledger: this.#ledger, client: this.#client, clock: cloud.clock, isStopped });
		this.#ledger.add(Counter.WallMs, performance.now() - startedMs);
		const { rowsSkipped } = source;
		return makeReport({ ledger: this.#ledger, admin: this.#admin, rowsSkipped, found, settled, settings: settingsOf(this.#run) });
	}

	/** Asks the admin API how it goes. It may be down for a moment; the next look will tell. */
	async #look(): Promise<void> {
		if (this.#polling) return;
		this.#polling = true;
		try {
			this.#summary = await this.#admin.summary();
			if (!this.#run.options.headless) this.#latest = await this.#moves.latest();
		} catch (error) {
			this.#run.log(`progress: ${String(error)}`);
		} finally {
			this.#polling = false;
		}
	}

	#snapshot(): Snapshot {
		const { cloud, source, options } = this.#run;
		const counters = this.#ledger.counters();
		const context = {
			name: source.name,
			url: cloud.url,
			regions: options.regions.length,
			nowMs: cloud.clock.nowMs(),
			speed: options.speed,
			activity: this.#activity,
			totalRows: source.totalRows,
			summary: this.#summary,
			moves: this.#latest,
		};
		return takeSnapshot(context, counters, this.#pace.read(performance.now(), counters));
	}
}

const settingsOf = ({ options, source, cloud }: RunOptions): Record<string, unknown> => ({
	workload: source.name,
	from: options.fromMs === undefined ? null : new Date(options.fromMs).toISOString(),
	to: options.toMs === undefined ? null : new Date(options.toMs).toISOString(),
	speed: Number.isFinite(options.speed) ? options.speed : "max",
	seed: options.seed,
	regions: options.regions,
	controlRegion: cloud.deployment.controlRegion,
	rtt: options.rtt ?? "model",
});

const wallPause = (ms: number): Promise<void> =>
	new Promise((resolve) => {
		setTimeout(resolve, ms).unref();
	});
