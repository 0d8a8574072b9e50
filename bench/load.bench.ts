import { setTimeout as sleep } from "node:timers/promises";
import autocannon, { type LoadStep } from "autocannon";
import { type Benchmark, type BenchSize, type Samples, summarize } from "#bench/benchmark.ts";
import { CheckedKeys } from "#bench/load/checked-keys.ts";
import { type CloudProcess, startCloudProcess } from "#bench/load/cloud-process.ts";
import { keepMoving, Moves } from "#bench/load/keep-moving.ts";
import { temporaryDirectory } from "#bench/local/stopwatch.ts";

interface LoadSizes {
	readonly regions: readonly string[];
	readonly partitions: number;
	/** Each is written by one client at a time. */
	readonly keys: number;
	readonly connections: number;
	/** Seconds of load: uncounted, counted without moves, uncounted while moves bring their functions to life, counted while partitions move. */
	readonly warmUp: number;
	readonly still: number;
	readonly settingOut: number;
	readonly moving: number;
}

const REGIONS = ["eu-west-1", "eu-central-1", "us-east-1"];
const SIZES: Readonly<Record<BenchSize, LoadSizes>> = {
	full: { regions: REGIONS, partitions: 8, keys: 2000, connections: 8, warmUp: 15, still: 20, settingOut: 45, moving: 60 },
	tiny: { regions: REGIONS.slice(0, 1), partitions: 1, keys: 5, connections: 2, warmUp: 0, still: 2, settingOut: 0, moving: 2 },
};
/** How much more memory the last third of the moving minute may take than its first: what the log of accesses keeps until it is counted. */
const MOST_GROWTH = 1.25;
const VALUE_PADDING = "x".repeat(180);

/** What one phase of load has seen. */
interface Phase {
	readonly keys: CheckedKeys;
	readonly latenciesMs: { readonly PUT: readonly number[]; readonly GET: readonly number[] };
	readonly perSecond: readonly number[];
	readonly memoryMb: readonly number[];
}

/** The whole local cloud under all the load two cores bear, while partitions move: what is answered has to be right. */
export const load: Benchmark = {
	notMeasured: [
		"AWS: clients, edge, functions, engines and state machines share the cores of this machine, so the rate says nothing about a deployment.",
		"Many clients: a connection sends its next request when the last one has been answered, so nothing queues up in front of the edge.",
		"Memory of the engines, which hold the data, and of this process.",
	],
	run: async (size, say) => {
		const sizes = SIZES[size];
		await using stack = new AsyncDisposableStack();
		say(`starting a cloud of ${sizes.regions.length} regions`);
		const cloud = await startCloudProcess(sizes.regions, temporaryDirectory(stack), stack);
		const keys = new CheckedKeys();
		await firstAnswer(cloud);
		if (sizes.warmUp > 0) await underLoad(cloud, sizes, sizes.warmUp, keys);
		say(`${sizes.still} s of load at rest`);
		const still = await underLoad(cloud, sizes, sizes.still, keys);
		say(`${sizes.moving} s of load while ${sizes.partitions} partitions move`);
		const stop = new AbortController();
		const moves = new Moves();
		const under: number[] = [];
		const movers = keepMoving(cloud, partitionsOf(sizes), sizes.regions, stop.signal, moves);
		if (sizes.settingOut > 0) await underLoad(cloud, sizes, sizes.settingOut, keys);
		const watch = setInterval(() => under.push(moves.underWay), 1000);
		const moving = await underLoad(cloud, sizes, sizes.moving, keys);
		stop.abort();
		clearInterval(watch);
		await movers;
		say(moves.describe());
		await readBack(cloud, keys);
		say(`answers that say "try again": ${[...keys.refused].map(([status, count]) => `${count} with ${status}`).join(", ") || "none"}`);
		for (const wrong of keys.wrong.slice(0, 10)) say(`WRONG: ${wrong}`);
		const all = [...samplesOf(keys, still, moving), ...(sizes.regions.length > 1 ? [underWayOf(under, sizes)] : [])];
		return all.map((samples) => summarize("load", samples));
	},
};

const partitionsOf = ({ partitions }: LoadSizes): readonly string[] => Array.from({ length: partitions }, (_, index) => `load-${index}`);

interface Context {
	path: string;
	value: string;
	sentMs: number;
}

/** Each connection writes a key and reads it back, key after key. */
async function underLoad(cloud: CloudProcess, sizes: LoadSizes, seconds: number, keys: CheckedKeys): Promise<Phase> {
	const latenciesMs = { PUT: [] as number[], GET: [] as number[] };
	const perSecond: number[] = [];
	const memoryMb: number[] = [];
	const answered = (method: "PUT" | "GET", { sentMs }: Context): void => void latenciesMs[method].push(performance.now() - sentMs);
	const write: LoadStep<Context> = {
		setupRequest: (request, context) => {
			writes += 1;
			const key = writes % sizes.keys;
			context.path = `/v1/partitions/load-${key % sizes.partitions}/items/k${key}`;
			context.value = `${writes} ${VALUE_PADDING}`;
			context.sentMs = performance.now();
			keys.writing(context.path, context.value);
			const headers = { "content-type": "text/plain", "x-heliotrope-client-id": `client-${key}` };
			return { ...request, method: "PUT", path: context.path, headers, body: context.value };
		},
		onResponse: (status, _body, context) => {
			answered("PUT", context);
			keys.written(context.path, context.value, status);
		},
	};
	const read: LoadStep<Context> = {
		setupRequest: (request, context) => {
			context.sentMs = performance.now();
			return { ...request, method: "GET", path: context.path };
		},
		onResponse: (status, body, context) => {
			answered("GET", context);
			keys.read(context.path, status, body);
		},
	};
	const look = (): void => {
		perSecond.push(latenciesMs.PUT.length + latenciesMs.GET.length - perSecond.reduce((sum, count) => sum + count, 0));
		memoryMb.push(cloud.memoryMb());
	};
	const watch = setInterval(look, 1000);
	await autocannon({ url: cloud.url, connections: sizes.connections, duration: seconds, timeout: 30, requests: [write, read] });
	clearInterval(watch);
	if (latenciesMs.PUT.length === 0 || latenciesMs.GET.length === 0)
		throw new Error(`the cloud has answered next to nothing in ${seconds} s: does something else use this machine?`);
	if (perSecond.length === 0) look();
	return { keys, latenciesMs, perSecond: perSecond.map((count) => Math.max(count, 1)), memoryMb };
}

let writes = 0;

/** Functions start with the first request that needs them; that is no load. */
async function firstAnswer({ url }: CloudProcess): Promise<void> {
	for (let status = 503; status >= 500; )
		status = (await fetch(`${url}/v1/partitions/load-0/items/first`, { method: "PUT", body: "x" })).status;
}

/** Every key once more, when all is quiet: what was acknowledged is there. */
async function readBack({ url }: CloudProcess, keys: CheckedKeys): Promise<void> {
	for (const path of keys.paths()) {
		for (let attempt = 0; attempt < 20; attempt += 1) {
			const answer = await fetch(`${url}${path}`);
			const body = await answer.text();
			keys.read(path, answer.status, body);
			if (answer.status < 500) break;
			await sleep(500);
		}
	}
}

/** Load that met no moves would show nothing: half of the partitions have to be on their way in the middle second. */
const underWayOf = (under: readonly number[], { partitions }: LoadSizes): Samples => ({
	metric: "moves under way, looked at every second",
	unit: "moves",
	values: under.length === 0 ? [0] : under,
	baselineOf: "the partitions under load",
	baselineValues: [partitions],
	target: { of: "ratio", is: "at least", limit: 0.5 },
});

function samplesOf(keys: CheckedKeys, still: Phase, moving: Phase): readonly Samples[] {
	const atRest = "the same load while nothing moves";
	const third = Math.max(1, Math.floor(moving.memoryMb.length / 3));
	return [
		{
			metric: "answers that were right",
			unit: "answers",
			values: [keys.judged - keys.wrong.length],
			baselineOf: "all answers that could be judged, reading everything back included",
			baselineValues: [keys.judged],
			target: { of: "ratio", is: "at least", limit: 1 },
		},
		{
			metric: "answers while partitions move",
			unit: "requests/s",
			values: moving.perSecond,
			baselineOf: atRest,
			baselineValues: still.perSecond,
		},
		...(["PUT", "GET"] as const).map((method) => ({
			metric: `${method} while partitions move`,
			unit: "ms" as const,
			values: moving.latenciesMs[method],
			baselineOf: atRest,
			baselineValues: still.latenciesMs[method],
		})),
		{
			metric: "memory of the cloud's process, last third of the time",
			unit: "MB",
			values: moving.memoryMb.slice(-third),
			baselineOf: "the first third",
			baselineValues: moving.memoryMb.slice(0, third),
			target: { of: "ratio", is: "at most", limit: MOST_GROWTH },
		},
	];
}
