import type { LocalClock } from "#local/clock/local-clock.ts";
import type { HttpClient } from "#local/workload/http-client.ts";
import { isAdmissible } from "#local/workload/judge.ts";
import type { Ledger } from "#local/workload/ledger.ts";
import { digestOf, itemPath } from "#local/workload/planned-request.ts";
import { type Delivery, sendWithRetries } from "#local/workload/send-with-retries.ts";

/** What reading every written key back found. */
export interface ReadBack {
	/** Keys read. */
	readonly keys: number;
	/** Keys that do not hold their last acknowledged write, nor a write of unknown fate; keys that cannot be read are among them. */
	readonly lost: number;
	/** Of `lost`: keys that could not be read. */
	readonly unreadable: number;
	/** Keys that hold a write that was sent but never acknowledged; no loss. */
	readonly unacknowledged: number;
	/** One line for each of the first losses. */
	readonly samples: readonly string[];
}

/** What is needed to read back. */
export interface ReadBackOptions {
	readonly ledger: Ledger;
	readonly client: HttpClient;
	readonly clock: LocalClock;
	readonly onProgress?: (keys: number) => void;
	readonly isStopped?: () => boolean;
}

const PARALLEL = 8;
const PAGE_KEYS = 500;
const MAX_SAMPLES = 10;

interface KeyRef {
	readonly partition: string;
	readonly key: string;
}

type Finding = { readonly kind: "right" | "unacknowledged" } | { readonly kind: "lost" | "unreadable"; readonly text: string };

/** Reads every key of the ledger through the edge, from where it was last written, and compares. */
export async function readBack(options: ReadBackOptions): Promise<ReadBack> {
	const totals = { right: 0, unacknowledged: 0, lost: 0, unreadable: 0 };
	const samples: string[] = [];
	let keys = 0;
	for (const page of pagesOf(options.ledger)) {
		if (options.isStopped?.() === true) break;
		const queue = page.values();
		const work = async (): Promise<void> => {
			for (const ref of queue) {
				const finding = await check(ref, options);
				totals[finding.kind] += 1;
				if ("text" in finding && samples.length < MAX_SAMPLES) samples.push(finding.text);
			}
		};
		await Promise.all(Array.from({ length: PARALLEL }, work));
		keys += page.length;
		options.onProgress?.(keys);
	}
	const { lost, unreadable, unacknowledged } = totals;
	return { keys, lost: lost + unreadable, unreadable, unacknowledged, samples };
}

function* pagesOf(ledger: Ledger): Generator<readonly KeyRef[]> {
	let last: KeyRef = { partition: "", key: "" };
	for (;;) {
		const page = ledger.keysAfter(last.partition, last.key, PAGE_KEYS);
		const end = page.at(-1);
		if (end === undefined) return;
		yield page;
		last = end;
	}
}

async function check(ref: KeyRef, { ledger, client, clock }: ReadBackOptions): Promise<Finding> {
	const candidates = ledger.candidates(ref.partition, ref.key);
	const activity = clock.begin(`read back ${ref.partition}/${ref.key}`);
	try {
		const headers = { "x-viewer-region": candidates.at(-1)?.region ?? "" };
		const delivery = await sendWithRetries(client, activity, { method: "GET", path: itemPath(ref.partition, ref.key), headers });
		return judgeContent(ref, delivery, candidates);
	} finally {
		activity.end();
	}
}

function judgeContent({ partition, key }: KeyRef, delivery: Delivery, candidates: ReturnType<Ledger["candidates"]>): Finding {
	const name = `${partition}/${key}`;
	if (delivery.kind === "lost") return unreadable(candidates, `${name}: could not be read: ${delivery.reason}`);
	const { answer } = delivery;
	if (answer.status !== 200 && answer.status !== 404) return unreadable(candidates, `${name}: could not be read: ${answer.status}`);
	const expected = candidates.find((candidate) => candidate.acknowledged);
	if (!isAdmissible(answer, candidates)) {
		const found = answer.status === 404 ? "nothing" : answer.body.toString("utf8", 0, 120);
		return { kind: "lost", text: `${name}: request ${expected?.request ?? "none"} was acknowledged last, found ${found}` };
	}
	const isLast = answer.status === 404 ? expected === undefined : digestOf(answer.body) === expected?.digest;
	return { kind: isLast ? "right" : "unacknowledged" };
}

/** A key without any acknowledged write has nothing to lose. */
const unreadable = (candidates: ReturnType<Ledger["candidates"]>, text: string): Finding =>
	candidates.some((candidate) => candidate.acknowledged) ? { kind: "unreadable", text } : { kind: "right" };
