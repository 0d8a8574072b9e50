import type { Command } from "commander";
import * as z from "zod";
import { cellOf } from "#cli/operate/columns.ts";
import { type Add, type Group, group } from "#cli/operate/group.ts";
import { addLostWrites } from "#cli/operate/lost-writes.ts";
import { fieldsOf, listOf, type Operator, pageOf, read } from "#cli/operate/operation.ts";
import { addOrphans } from "#cli/operate/orphans.ts";
import { parseRegion, parseRegions, partitionPath } from "#cli/operate/parse-flags.ts";
import { addPromotion } from "#cli/operate/promotions.ts";
import { addWatch } from "#cli/operate/watch-partitions.ts";

const partitionSchema = z.looseObject({
	partition: z.string(),
	leader: z.string(),
	followers: z.array(z.string()),
	epoch: z.number(),
	phase: z.string(),
	pin: z.string().optional(),
	residency: z.array(z.string()).optional(),
	frozen: z.boolean().optional(),
});

const partitionTable = listOf(
	pageOf("partitions", partitionSchema),
	["partition", "leader", "followers", "epoch", "phase", "pin", "residency", "frozen"],
	({ partition, leader, followers, epoch, phase, pin, residency, frozen }) => [
		partition,
		leader,
		cellOf(followers),
		String(epoch),
		phase,
		cellOf(pin),
		cellOf(residency),
		frozen === true ? "yes" : "-",
	],
);

const decisionSchema = z.looseObject({
	decidedAt: z.string(),
	verdict: z.string(),
	reason: z.string(),
	source: z.string().optional(),
	target: z.string().optional(),
	savingMs: z.number().optional(),
});

const decisionTable = listOf(
	pageOf("decisions", decisionSchema),
	["decided", "verdict", "reason", "from", "to", "saving"],
	({ decidedAt, verdict, reason, source, target, savingMs }) => [
		decidedAt,
		verdict,
		reason,
		cellOf(source),
		cellOf(target),
		savingMs === undefined ? "-" : `${savingMs.toFixed(0)} ms`,
	],
);

const copySchema = z.looseObject({
	region: z.string(),
	fromMs: z.number(),
	toMs: z.number().optional(),
	because: z.string().optional(),
	endedBy: z.string().optional(),
});

const instant = (ms: number): string => new Date(ms).toISOString();

const copyTable = listOf(
	pageOf("copies", copySchema),
	["region", "from", "to", "made by", "ended by"],
	({ region, fromMs, toMs, because, endedBy }) => [
		region,
		instant(fromMs),
		toMs === undefined ? "now" : instant(toMs),
		because ?? "the partition's creation",
		cellOf(endedBy),
	],
);

interface ListFlags {
	readonly home?: string;
	readonly phase?: string;
	readonly prefix?: string;
	readonly limit?: string;
	readonly cursor?: string;
}

/** `heliotrope partitions …`. */
export function addPartitions(program: Command, tools: Group): void {
	const { add } = group(program, "partitions", "look at partitions and set their policy", tools);
	addPolicy(add);
	addOrphans(add);
	addPromotion(add);
	addLostWrites(add);
	addWatch(add);
}

function addPolicy(add: Add): void {
	add(
		"list",
		"the partitions of the deployment",
		(operator, _, flags: ListFlags) => list(operator, flags),
		(command) =>
			command
				.option("--home <region>", "led by this region")
				.option("--phase <phase>", "in this phase, for example active or migrating")
				.option("--prefix <text>", "whose name begins so")
				.option("--limit <n>", "at most so many (default: 100)")
				.option("--cursor <cursor>", "go on where an earlier list ended"),
	);
	add("show <partition>", "one partition's record", async ({ api, print }, [partition]) => {
		print(await api.get(partitionPath(partition)), fieldsOf);
		return 0;
	});
	add("pin <partition> <region>", "keep the leader in a region", (operator, [partition, region]) =>
		change(operator, partition, { pin: parseRegion(region) }),
	);
	add("unpin <partition>", "let placement choose again", (operator, [partition]) => change(operator, partition, { pin: null }));
	add(
		"set-residency <partition> <regions>",
		"the regions that may hold a copy, comma-separated; any lifts the rule",
		(operator, [partition, regions]) => change(operator, partition, { residency: regions === "any" ? null : parseRegions(regions) }),
	);
	add("freeze <partition>", "no new moves; those under way go to their nearest safe state", (operator, [partition]) =>
		change(operator, partition, { freeze: true }),
	);
	add("unfreeze <partition>", "moves are allowed again", (operator, [partition]) => change(operator, partition, { freeze: false }));
	add("copies <partition>", "where every copy of it was and when: the audit for residency", async ({ api, print }, [partition]) => {
		print(await api.get(`${partitionPath(partition)}/copies`), copyTable);
		return 0;
	});
	add(
		"decisions <partition>",
		"why it moved or did not, newest first",
		async ({ api, print }, [partition], { limit, cursor }: ListFlags) => {
			print(await api.get(`${partitionPath(partition)}/decisions`, { limit, cursor }), decisionTable);
			return 0;
		},
		(command) =>
			command.option("--limit <n>", "at most so many (default: 50)").option("--cursor <cursor>", "go on where an earlier list ended"),
	);
}

async function list({ api, print }: Operator, { home, phase, prefix, limit, cursor }: ListFlags): Promise<number> {
	const query = { home: home === undefined ? undefined : parseRegion(home), phase, prefix, limit, cursor };
	print(await api.get("partitions", query), partitionTable);
	return 0;
}

async function change({ api, print }: Operator, partition: string, patch: Readonly<Record<string, unknown>>): Promise<number> {
	const answer = await api.send("PATCH", partitionPath(partition), patch);
	print(answer, () => fieldsOf(read(partitionSchema, answer)));
	return 0;
}
