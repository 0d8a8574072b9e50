import { setTimeout as pause } from "node:timers/promises";
import { choose } from "#test/e2e/chaos/client.ts";
import type { Host } from "#test/e2e/chaos/host.ts";
import { REGIONS } from "#test/e2e/chaos/options.ts";
import type { Tally } from "#test/e2e/chaos/tally.ts";

/** States that are an end of a migration that had begun. */
const ENDS = ["completed", "cancelled", "rolledBack"] as const;
/** Migrations that are under way at once, at most. */
const AT_ONCE = 20;

export interface MoverWorld {
	readonly host: Pick<Host, "admin">;
	readonly tally: Tally;
	readonly partitions: readonly string[];
	/** Ends that are waited for. */
	readonly wanted: number;
	/** Told how many have ended so far. */
	readonly onEnded: (ended: number) => void;
}

interface PartitionView {
	readonly partition: string;
	readonly leader: string;
	readonly followers: readonly string[];
	readonly phase: string;
	readonly migrationId?: string;
}

/** Wall ms without an end after which what is still open waits for the hourly recovery. */
const STALLED_MS = 25_000;

/**
 * Starts migrations of every kind, takes some of them back, until enough have ended, or as many are open as are still wanted and wait
 * for recovery.
 */
export async function runMovers(world: MoverWorld, random: () => number): Promise<void> {
	let last = { ended: 0, atMs: performance.now() };
	for (;;) {
		const ended = await endedSoFar(world);
		if (ended !== undefined) world.onEnded(ended);
		if (ended !== undefined && ended >= world.wanted) return;
		if (ended !== undefined && ended > last.ended) last = { ended, atMs: performance.now() };
		const listed = await world.host.admin("GET", "partitions?limit=1000");
		const views = listed?.status === 200 ? (listed.json as { partitions: PartitionView[] }).partitions : [];
		const ours = views.filter(({ partition }) => world.partitions.includes(partition));
		const moving = ours.filter(({ phase }) => phase !== "active");
		const idle = ours.filter(({ phase }) => phase === "active");
		const enoughOpen = last.ended + moving.length >= world.wanted;
		if (enoughOpen && performance.now() - last.atMs > STALLED_MS) return;
		if (idle.length > 0 && moving.length < AT_ONCE && !enoughOpen) await startOne(world, choose(idle, random), random);
		if (moving.length > 0 && random() < 0.12) await takeBack(world, choose(moving, random));
		await pause(moving.length < AT_ONCE && !enoughOpen ? 40 : 250);
	}
}

/** Migrations that had begun and have ended; undefined when nobody answered. */
async function endedSoFar({ host }: Pick<MoverWorld, "host">): Promise<number | undefined> {
	const migrations = await countsByState(host);
	return migrations === undefined ? undefined : ENDS.reduce((sum, state) => sum + (migrations[state] ?? 0), 0);
}

/** Migrations by state; undefined when nobody answered. */
export async function countsByState(host: Pick<Host, "admin">): Promise<Readonly<Record<string, number>> | undefined> {
	const summary = await host.admin("GET", "summary");
	return summary?.status === 200 ? (summary.json as { migrations: Record<string, number> }).migrations : undefined;
}

async function startOne({ host, tally }: MoverWorld, view: PartitionView, random: () => number): Promise<void> {
	const { kind, actions } = chooseActions(view, random);
	const canary = random() < 0.3 ? [{ weight: 0.5, holdSeconds: 3 }] : [];
	const answer = await host.admin("POST", `partitions/${view.partition}/migrations`, {
		actions,
		soakSeconds: random() < 0.6 ? 0 : 6,
		canary,
	});
	tally.count(answer?.status === 202 ? `started ${kind}` : `not started: ${answer?.status ?? "no answer"}`);
}

type Actions = { readonly kind: string; readonly actions: readonly Readonly<Record<string, string>>[] };

function chooseActions({ leader, followers }: PartitionView, random: () => number): Actions {
	const others = REGIONS.filter((region) => region !== leader && !followers.includes(region));
	const kind = random();
	if (followers.length > 0 && kind < 0.3) return { kind: "transfer", actions: [{ transferLeadership: choose(followers, random) }] };
	if (followers.length > 0 && kind < 0.45) return { kind: "removal", actions: [{ removeFollower: choose(followers, random) }] };
	if (others.length === 0) return { kind: "removal", actions: [{ removeFollower: choose(followers, random) }] };
	const target = choose(others, random);
	if (followers.length < 2 && kind < 0.6) return { kind: "copy", actions: [{ addFollower: target }] };
	const lead = [{ addFollower: target }, { transferLeadership: target }];
	return kind < 0.7 ? { kind: "move, copy kept", actions: lead } : { kind: "move", actions: [...lead, { removeFollower: leader }] };
}

/** Asks for a cancel, and where it is too late for a rollback. */
async function takeBack({ host, tally }: MoverWorld, { migrationId }: PartitionView): Promise<void> {
	if (migrationId === undefined) return;
	const cancelled = await host.admin("POST", `migrations/${migrationId}/cancel`);
	if (cancelled?.status === 202) tally.count("asked to cancel");
	if (cancelled?.status !== 409) return;
	const rolledBack = await host.admin("POST", `migrations/${migrationId}/rollback`);
	if (rolledBack?.status === 202) tally.count("asked to roll back");
}
