import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { openDataDirectory } from "#cli/data-directory.ts";
import { createDisplay, type Display } from "#cli/display/display.ts";
import { formatCount, formatDuration } from "#cli/display/format.ts";
import { renderSummary } from "#cli/display/render-summary.ts";
import { Interruption } from "#cli/interruption.ts";
import { LogFile } from "#cli/log-file.ts";
import { readAccessFile } from "#cli/read-access-file.ts";
import { readRttFile } from "#cli/read-rtt-file.ts";
import { reportFailure } from "#cli/report-failure.ts";
import { runWorkload } from "#cli/run-workload.ts";
import type { StartOptions } from "#cli/start-options.ts";
import { surveyInThread } from "#cli/survey/survey-in-thread.ts";
import { openSource, STOPPED, type WorkloadSource } from "#cli/workload-source.ts";
import { writeWhole } from "#cli/write-whole.ts";
import type { LocalCloud, LocalCloudOptions } from "#local/cloud.ts";
import { paceToWall } from "#local/workload/pacer.ts";
import { type Report, writeReport } from "#local/workload/report.ts";
import { ARTEFACT_FILE } from "#predictor/serving/load-model.ts";

/** Brings a cloud up. @throws StartupError */
export type Launch = (options: LocalCloudOptions) => Promise<LocalCloud>;

const launchLocally: Launch = async (options) => {
	// Loaded after the workload was opened: a log that cannot be used is told at once.
	const { startCloud } = await import("#local/start-cloud.ts");
	return startCloud(options);
};

/** Runs the local cloud with a workload until it ends or is stopped; the exit code. Never throws: a failure is one line on stderr. */
export async function start(options: StartOptions, launch: Launch = launchLocally): Promise<number> {
	const data = await openDataDirectory(options.data, Date.now());
	const log = new LogFile(data.path);
	const display = createDisplay(options.headless, process.stdout, process.stderr, process.env);
	const interruption = new Interruption(display.say.bind(display), (code) => process.exit(code));
	const onUncaught = (error: unknown): never => process.exit(reportFailure(error, log, (line) => process.stderr.write(line)));
	process.on("uncaughtException", onUncaught);
	const discard = (): void => {
		log.end();
		data.discard();
	};
	let cloud: LocalCloud | undefined;
	try {
		const source = await openWorkload(options, display, interruption);
		if (source === STOPPED) {
			display.say("stopped while the log was read; nothing was played");
			discard();
			return interruption.exitCode;
		}
		layModel(data.path, options);
		cloud = await bringUp(launch, options, source, data.path, log);
		// Not before: where the cloud cannot start, that is the one thing to say.
		tellWhatIsPlayed(source, display);
		display.say(`Heliotrope is up at ${cloud.url}, ${options.regions.length} regions, state in ${data.path}`);
		display.say(accessLine(options));
		display.say(`the console is at ${consoleUrl(cloud, options.headless)}`);
		const code =
			source === undefined ? await idle(cloud, interruption) : await play(options, source, cloud, data.path, display, interruption, log);
		await cloud.stop();
		discard();
		return code;
	} catch (error) {
		display.stop();
		await cloud?.stop().catch((stopError: unknown) => log.writeError(stopError));
		const code = reportFailure(error, log, (line) => process.stderr.write(line));
		// What is wrong was told in full; only an unexpected failure leaves its log behind.
		if (code === 2) discard();
		return code;
	} finally {
		await interruption.outlastEchoes();
		process.off("uncaughtException", onUncaught);
	}
}

const accessLine = ({ access }: StartOptions): string =>
	access === undefined
		? "access control is off: whoever is on this machine may read and write; only the loopback interface listens"
		: `access control is on, as ${access} says`;

/** Where the endpoint finds the model that it begins with. */
function layModel(dataDir: string, { model }: StartOptions): void {
	if (model === undefined) return;
	const dir = join(dataDir, "model");
	mkdirSync(dir, { recursive: true });
	writeWhole(join(dir, ARTEFACT_FILE), JSON.stringify(model));
}

function openWorkload(
	options: StartOptions,
	display: Display,
	{ requested: stopped }: Interruption,
): Promise<WorkloadSource | typeof STOPPED | undefined> {
	let toldMs = performance.now();
	const onProgress = (text: string): void => {
		if (performance.now() - toldMs < 2000) return;
		toldMs = performance.now();
		display.say(`reading ${options.trace}: ${text}`);
	};
	return openSource(options, Date.now(), (log) => surveyInThread(log, { onProgress, stopped }));
}

function tellWhatIsPlayed(source: WorkloadSource | undefined, display: Display): void {
	if (source?.totalRows === undefined) return;
	for (const file of source.ignored) display.say(`passed over ${file}`);
	const skipped = Object.values(source.rowsSkipped).reduce((sum, n) => sum + n, 0);
	display.say(`${source.name}: ${formatCount(source.totalRows)} usable rows, ${formatCount(skipped)} skipped`);
}

async function bringUp(
	launch: Launch,
	options: StartOptions,
	source: WorkloadSource | undefined,
	dataDir: string,
	log: LogFile,
): Promise<LocalCloud> {
	const { regions, port, speed, seed, rtt, access: accessFile, copies: maxCopies, follow, minZScore } = options;
	const placement = { maxCopies, follow, minZScore };
	const rttMatrix = rtt === undefined ? {} : { rttMatrix: readRttFile(rtt) };
	const access = accessFile === undefined ? {} : { access: readAccessFile(accessFile) };
	return launch({
		regions,
		port,
		dataDir,
		speed,
		startMs: source?.startMs ?? Date.now(),
		seed,
		placement,
		log: log.write,
		...rttMatrix,
		...access,
	});
}

async function idle(cloud: LocalCloud, interruption: Interruption): Promise<number> {
	cloud.letTimePass();
	await interruption.requested;
	return 0;
}

async function play(
	options: StartOptions,
	source: WorkloadSource,
	cloud: LocalCloud,
	dataDir: string,
	display: Display,
	interruption: Interruption,
	log: LogFile,
): Promise<number> {
	const startedMs = performance.now();
	const { ended, report } = await runWorkload({ options, source, cloud, dataDir, display, interruption, log: log.write });
	if (report !== undefined) for (const line of renderSummary(report)) display.say(line);
	if (report !== undefined && options.report !== undefined) await writeReport(options.report, report);
	if (!ended && options.once) {
		const resume = options.data === undefined ? "" : "; the same command with the same --data resumes it";
		display.say(`stopped after ${formatDuration((performance.now() - startedMs) / 1000)}, before the end of the workload${resume}`);
		return interruption.exitCode;
	}
	if (ended && !options.once) await lookAround(cloud, interruption, display);
	return report !== undefined && hasFailed(report, ended) ? 1 : 0;
}

/** A world that was stopped may leave moves under way; a workload that has ended may not. */
const hasFailed = ({ lostWrites, wrongReads, settled }: Report, ended: boolean): boolean =>
	lostWrites > 0 || wrongReads > 0 || (ended && !settled);

/** The token is for who sits at the terminal; the output of a headless run is kept in logs. */
const consoleUrl = ({ url, adminToken }: LocalCloud, headless: boolean): string =>
	`${url}/console/${headless ? "" : `#token=${encodeURIComponent(adminToken)}`}`;

/** The workload has ended, the cloud stays. */
async function lookAround(cloud: LocalCloud, interruption: Interruption, display: Display): Promise<void> {
	display.say(`the workload has ended; the cloud stays at ${cloud.url} until Ctrl-C`);
	const letGo = Number.isFinite(cloud.clock.speed) ? () => undefined : paceToWall(cloud.clock);
	await interruption.requested;
	letGo();
}
