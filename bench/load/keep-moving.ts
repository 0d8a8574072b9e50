import { setTimeout as sleep } from "node:timers/promises";
import type { CloudProcess } from "#bench/load/cloud-process.ts";

/** How moves ended, by state. */
export type Moves = ReadonlyMap<string, number>;

/** Moves each partition from region to region, one move after the other, until `until` resolves; those under way then are left alone. */
export async function keepMoving(
	cloud: CloudProcess,
	partitions: readonly string[],
	regions: readonly string[],
	until: AbortSignal,
): Promise<Moves> {
	const ended = new Map<string, number>();
	const moveOne = async (partition: string, first: number): Promise<void> => {
		for (let move = first; !until.aborted; move += 1) {
			const state = await moveTo(cloud, partition, regions[(move + 1) % regions.length] ?? "", until);
			if (state !== undefined) ended.set(state, (ended.get(state) ?? 0) + 1);
		}
	};
	await Promise.all(partitions.map((partition, index) => moveOne(partition, index % regions.length)));
	return ended;
}

async function moveTo(cloud: CloudProcess, partition: string, target: string, until: AbortSignal): Promise<string | undefined> {
	const body = { target, canary: [{ weight: 0.25, holdSeconds: 2 }], soakSeconds: 1 };
	const { status, json } = await ask(cloud, "POST", `/admin/v1/partitions/${partition}/migrations`, body);
	if (status !== 202) return pause(until);
	while (!until.aborted) {
		await pause(until);
		const { json: record } = await ask(cloud, "GET", `/admin/v1/migrations/${json["migrationId"]}`);
		const state = record["state"];
		if (typeof state === "string" && state !== "running") return state;
	}
	return undefined;
}

async function pause(until: AbortSignal): Promise<undefined> {
	await sleep(500, undefined, { signal: until }).catch(() => {});
	return undefined;
}

async function ask({ url, adminToken }: CloudProcess, method: string, path: string, body?: object) {
	const headers = { authorization: `Bearer ${adminToken}`, "content-type": "application/json" };
	const answer = await fetch(`${url}${path}`, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
	return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
}
