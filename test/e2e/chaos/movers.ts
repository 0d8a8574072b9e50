import { setTimeout as pause } from "node:timers/promises";
import { choose } from "#test/e2e/chaos/client.ts";
import type { Host } from "#test/e2e/chaos/host.ts";
import type { Tally } from "#test/e2e/chaos/tally.ts";

/** States that are an end of a migration that had begun. */
const ENDS = ["completed", "cancelled", "rolledBack"] as const;
/** Migrations that are under way at once, at most. */
const AT_ONCE = 20;

export interface MoverWorld {
	readonly host: Pick<Host, "admin" | "regions">;
	readonly tally: Tally;
	readonly partitions: readonly string[];
	/** Ends that are waited for. */
	readonly wanted: number;
	/** As of the options. */
	readonly stalledMs: number;
	/** Told how many have been started and have ended so far. */
	readonly onProgress: (started: number, ended: number) => void;
}

interface PartitionView {
	readonly partition: string;
	readonly leader: string;
	readonly followers: readonly string[];
	readonly phase: string;
	readonly migrationId?: string;
}

/** The share of migrations that somebody wants back, and the wall ms after which they do at the latest: at any stage of most. */
const TAKEN_BACK = 0.3;
const TAKEN_BACK_WITHIN_MS = 40_000;

/**
 * Starts migrations of every kind, takes some of them back, until enough have ended, or as many are open as are still wanted and wait
 * for recovery.
 */
export async function runMovers(world: MoverWorld, random: () => number): Promise<void> {
	let last = { ended: 0, atMs: performance.now() };
	/** By migration, when somebody will want it back. */
	const doomed = new Map<string, number>();
	for (;;) {
		const ended = await endedSoFar(world);
		if (ended !== undefined) world.onProgress(world.tally.sum("started "), ended);
		if (ended !== undefined && ended >= world.wanted) return;
		if (ended !== undefined && ended > last.ended) last = { ended, atMs: performance.now() };
		const listed = await world.host.admin("GET", "partitions?limit=1000");
		const views = listed?.status === 200 ? (listed.json as { partitions: PartitionView[] }).partitions : [];
		const ours = views.filter(({ partition }) => world.partitions.includes(partition));
		const moving = ours.filter(({ phase }) => phase !== "active");
		const idle = ours.filter(({ phase }) => phase === "active");
		const enoughOpen = last.ended + moving.length >= world.wanted;
		if (enoughOpen && performance.now() - last.atMs > world.stalledMs) return;
		if (idle.length > 0 && moving.length < AT_ONCE && !enoughOpen) {
			const migrationId = await startOne(world, choose(idle, random), random);
			if (migrationId !== undefined && random() < TAKEN_BACK) doomed.set(migrationId, performance.now() + random() * TAKEN_BACK_WITHIN_MS);
		}
		for (const view of moving) {
			if ((doomed.get(view.migrationId ?? "") ?? Number.POSITIVE_INFINITY) < performance.now()) {
				doomed.delete(view.migrationId ?? "");
				await takeBack(world, view);
			}
		}
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

/** The id of the migration; undefined where none was started. */
async function startOne({ host, tally }: MoverWorld, view: PartitionView, random: () => number): Promise<string | undefined> {
	const { kind, actions } = chooseActions(view, host.regions, random);
	const canary = random() < 0.3 ? [{ weight: 0.5, holdSeconds: 3 }] : [];
	const answer = await host.admin("POST", `partitions/${view.partition}/migrations`, {
		actions,
		soakSeconds: random() < 0.6 ? 0 : 6,
		canary,
	});
	tally.count(answer?.status === 202 ? `started ${kind}` : `not started: ${answer?.status ?? "no answer"}`);
	return answer?.status === 202 ? (answer.json as { migrationId: string }).migrationId : undefined;
}

type Actions = { readonly kind: string; readonly actions: readonly Readonly<Record<string, string>>[] };

function chooseActions({ leader, followers }: PartitionView, regions: readonly string[], random: () => number): Actions {
	const others = regions.filter((region) => region !== leader && !followers.includes(region));
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
