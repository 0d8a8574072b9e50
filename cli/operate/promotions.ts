import * as z from "zod";
import { cellOf, renderTable } from "#cli/operate/columns.ts";
import { AdminRefusal } from "#cli/operate/failures.ts";
import type { Add } from "#cli/operate/group.ts";
import { fieldsOf, type Operator, pageOf, read } from "#cli/operate/operation.ts";
import { parseRegion, partitionPath } from "#cli/operate/parse-flags.ts";
import { UsageError } from "#cli/usage-error.ts";

interface PromoteFlags {
	readonly confirmedOff?: readonly string[];
	readonly mayLoseWrites?: boolean;
}

interface RegionFlags {
	readonly confirmedOff?: boolean;
	readonly mayLoseWrites?: boolean;
}

/** `partitions promote` and `partitions reclaim`. */
export function addPromotion(add: Add): void {
	add(
		"promote <partition> <region>",
		"let a follower lead because the leader's region is lost",
		async (operator, [partition, region], flags: PromoteFlags) => {
			const answer = await promote(operator, partition, parseRegion(region), flags);
			operator.print(answer, fieldsOf);
			return 0;
		},
		(command) =>
			command
				.option("--confirmed-off <region...>", "regions that take no writes: they are down, or cut off from their clients")
				.option("--may-lose-writes", "go on although acknowledged writes may be lost"),
	);
	add(
		"reclaim <partition> <region>",
		"take back the copy in a region that has returned; lists what is lost, deletes only with --discard-losses",
		(operator, [partition, region], { discardLosses }: { discardLosses?: string }) => reclaim(operator, partition, region, discardLosses),
		(command) => command.option("--discard-losses <n>", "delete the copy; n is the number of losses that were listed"),
	);
}

/** `regions promote`: every partition that a lost region leads, each to the first of its followers that may lead. */
export function addRegionPromotion(add: Add): void {
	add(
		"promote <region>",
		"let followers lead every partition of a region that is lost",
		(operator, [region], flags: RegionFlags) => promoteRegion(operator, parseRegion(region), flags),
		(command) =>
			command
				.option("--confirmed-off", "the lost region takes no writes: it is down, or cut off from its clients")
				.option("--may-lose-writes", "go on although acknowledged writes may be lost"),
	);
}

const promotedSchema = z.looseObject({ promoted: z.boolean(), waitSeconds: z.number().optional() });

/** The API works as long as a request may take; the same request goes on. */
async function promote(operator: Operator, partition: string, target: string, flags: PromoteFlags): Promise<unknown> {
	const body = { target, confirmedOff: (flags.confirmedOff ?? []).map(parseRegion), mayLoseWrites: flags.mayLoseWrites === true };
	for (;;) {
		const answer = await operator.api.send("POST", `${partitionPath(partition)}/promote`, body);
		const { promoted, waitSeconds = 1 } = read(promotedSchema, answer);
		if (promoted) return answer;
		operator.say(`${partition}: its copies follow the new epoch; going on in ${waitSeconds} s`);
		await operator.sleep(waitSeconds * 1000);
	}
}

const ledSchema = pageOf("partitions", z.looseObject({ partition: z.string(), followers: z.array(z.string()) }));

/** 1 where a partition could not be promoted; the line says why. */
async function promoteRegion(operator: Operator, region: string, { confirmedOff, ...rest }: RegionFlags): Promise<number> {
	const flags: PromoteFlags = confirmedOff === true ? { ...rest, confirmedOff: [region] } : rest;
	const led: { readonly partition: string; readonly followers: readonly string[] }[] = [];
	let cursor: string | undefined;
	do {
		const page = read(ledSchema, await operator.api.get("partitions", { home: region, cursor }));
		led.push(...page.rows);
		cursor = page.cursor;
	} while (cursor !== undefined);
	const results: { partition: string; leader?: string; reason?: string }[] = [];
	for (const { partition, followers } of led) results.push({ partition, ...(await promoteAny(operator, partition, followers, flags)) });
	operator.print({ region, partitions: results }, () =>
		results.length === 0
			? [`${region} leads no partition`]
			: renderTable(
					["partition", "leader", "why not"],
					results.map(({ partition, leader, reason }) => [partition, cellOf(leader), cellOf(reason)]),
				),
	);
	return results.every(({ leader }) => leader !== undefined) ? 0 : 1;
}

async function promoteAny(
	operator: Operator,
	partition: string,
	followers: readonly string[],
	flags: PromoteFlags,
): Promise<{ readonly leader: string } | { readonly reason: string }> {
	let reason = "it has no follower (promotion.not-a-follower)";
	for (const target of followers) {
		try {
			await promote(operator, partition, target, flags);
			return { leader: target };
		} catch (error) {
			if (!(error instanceof AdminRefusal)) throw error;
			reason = `${error.message} (${error.code})`;
		}
	}
	return { reason };
}

const reclaimSchema = z.looseObject({
	state: z.enum(["waiting", "losses", "discarding", "reclaimed"]),
	waitSeconds: z.number().optional(),
	count: z.number().optional(),
	cursor: z.string().optional(),
	losses: z.array(z.looseObject({ key: z.string(), writtenAtMs: z.number(), deleted: z.boolean(), certain: z.boolean() })).optional(),
});

/** Lists to the end, or deletes to the end. */
async function reclaim(operator: Operator, partition: string, region: string, discard: string | undefined): Promise<number> {
	if (discard !== undefined && !/^\d+$/.test(discard)) throw new UsageError("--discard-losses takes the number of losses that were listed");
	const body = { region: parseRegion(region), ...(discard === undefined ? {} : { discardLosses: Number(discard) }) };
	const losses: NonNullable<z.infer<typeof reclaimSchema>["losses"]> = [];
	let cursor: string | undefined;
	for (;;) {
		const next = cursor === undefined ? body : { ...body, cursor };
		const answer = read(reclaimSchema, await operator.api.send("POST", `${partitionPath(partition)}/reclaim`, next));
		if (answer.state === "reclaimed") {
			operator.print(answer, () => [`nothing of ${partition} is left in ${region}; it may be given a copy again`]);
			return 0;
		}
		losses.push(...(answer.losses ?? []));
		cursor = answer.cursor;
		if (answer.state === "losses" && cursor === undefined) {
			const count = answer.count ?? losses.length;
			operator.print({ partition, region, count, losses }, () => describe(losses, count));
			return 0;
		}
		if (answer.waitSeconds !== undefined) {
			operator.say(answer.state === "waiting" ? `demoted; what is under way ends within ${answer.waitSeconds} s` : "still deleting");
			await operator.sleep(answer.waitSeconds * 1000);
		}
	}
}

function describe(losses: NonNullable<z.infer<typeof reclaimSchema>["losses"]>, count: number): readonly string[] {
	const rows = losses.map(({ key, writtenAtMs, deleted, certain }) => [
		key,
		new Date(writtenAtMs).toISOString(),
		deleted ? "deletion" : "write",
		certain ? "lost" : "written again since, perhaps without it",
	]);
	const table = rows.length === 0 ? [] : renderTable(["key", "written", "what", "at the leader"], rows);
	return [...table, `${count} losses; to delete this copy: --discard-losses ${count}`];
}
