import { setTimeout as sleep } from "node:timers/promises";
import type { CloudProcess } from "#bench/load/cloud-process.ts";

/** What became of the moves asked for. */
export class Moves {
	/** Answered 202: an execution has started. */
	started = 0;
	/** Started and not yet known to have ended. */
	underWay = 0;
	/** How they ended, by state. */
	readonly ended = new Map<string, number>();
	/** Asked for and refused, by code. */
	readonly refused = new Map<string, number>();

	describe(): string {
		const listed = (counts: ReadonlyMap<string, number>): string =>
			[...counts].map(([what, count]) => `${count} ${what}`).join(", ") || "none";
		return `moves: ${this.started} started, ended: ${listed(this.ended)}, under way at the end: ${this.underWay}, refused: ${listed(this.refused)}`;
	}
}

/** Moves each partition from region to region, one move after the other, until `until` is aborted; those under way then are left alone. */
export async function keepMoving(
	cloud: CloudProcess,
	partitions: readonly string[],
	regions: readonly string[],
	until: AbortSignal,
	moves: Moves,
): Promise<void> {
	const moveOne = async (partition: string, first: number): Promise<void> => {
		for (let move = first; !until.aborted; move += 1)
			await moveTo(cloud, partition, regions[(move + 1) % regions.length] ?? "", until, moves);
	};
	await Promise.all(partitions.map((partition, index) => moveOne(partition, index % regions.length)));
}

async function moveTo(cloud: CloudProcess, partition: string, target: string, until: AbortSignal, moves: Moves): Promise<void> {
	const body = { target, canary: [{ weight: 0.25, holdSeconds: 2 }], soakSeconds: 1 };
	const { status, json } = await ask(cloud, "POST", `/admin/v1/partitions/${partition}/migrations`, body);
	if (status !== 202) {
		increment(moves.refused, String(json["code"] ?? status));
		return pause(until);
	}
	moves.started += 1;
	moves.underWay += 1;
	while (!until.aborted) {
		await pause(until);
		const { json: record } = await ask(cloud, "GET", `/admin/v1/migrations/${json["migrationId"]}`);
		const state = record["state"];
		if (typeof state !== "string" || state === "running") continue;
		moves.underWay -= 1;
		increment(moves.ended, state);
		return;
	}
}

const increment = (counts: Map<string, number>, what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1);

async function pause(until: AbortSignal): Promise<void> {
	await sleep(500, undefined, { signal: until }).catch(() => {});
}

async function ask({ url, adminToken }: CloudProcess, method: string, path: string, body?: object) {
	const headers = { authorization: `Bearer ${adminToken}`, "content-type": "application/json" };
	const answer = await fetch(`${url}${path}`, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
	return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
}
