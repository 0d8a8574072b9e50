import * as z from "zod";
import { cellOf } from "#cli/operate/columns.ts";
import type { Add } from "#cli/operate/group.ts";
import { listOf, type Operator, pageOf, read } from "#cli/operate/operation.ts";
import { parseRegion, partitionPath } from "#cli/operate/parse-flags.ts";

const orphanTable = listOf(
	pageOf(
		"orphans",
		z.looseObject({
			region: z.string(),
			partition: z.string(),
			kind: z.string(),
			role: z.string().optional(),
			epoch: z.number().optional(),
			firstSeenAt: z.string(),
		}),
	),
	["region", "partition", "kind", "role", "epoch", "first seen"],
	(one) => [one.region, one.partition, one.kind, one.role, one.epoch, one.firstSeenAt].map(cellOf),
);

interface OrphanFlags {
	readonly scan?: boolean;
	readonly limit?: string;
	readonly cursor?: string;
}

/** The commands on copies that no record explains. */
export function addOrphans(add: Add): void {
	add(
		"orphans",
		"copies that no record explains; the data tables are walked once a week",
		(operator, _, flags: OrphanFlags) => list(operator, flags),
		(command) =>
			command
				.option("--scan", "walk the data tables now, to the end")
				.option("--limit <n>", "at most so many (default: 100)")
				.option("--cursor <cursor>", "go on where an earlier list ended"),
	);
	add(
		"remove-orphan <partition> <region>",
		"delete such a copy after proof that the leader has everything",
		(operator, [partition, region]) => remove(operator, partition, region),
	);
}

async function list({ api, print, say }: Operator, { scan, limit, cursor }: OrphanFlags): Promise<number> {
	const scanned = z.looseObject({ finished: z.boolean(), buckets: z.number() });
	for (let finished = scan !== true; !finished; ) {
		const answer = read(scanned, await api.send("POST", "orphans/scan"));
		finished = answer.finished;
		if (!finished) say(`${answer.buckets} buckets looked at`);
	}
	print(await api.get("orphans", { limit, cursor }), orphanTable);
	return 0;
}

/** The API works as long as a request may take; the same request goes on. */
async function remove({ api, print, say }: Operator, partition: string, region: string): Promise<number> {
	const body = { region: parseRegion(region) };
	const outcome = z.looseObject({ removed: z.boolean() });
	for (;;) {
		const answer = await api.send("POST", `${partitionPath(partition)}/orphans/remove`, body);
		if (read(outcome, answer).removed) {
			print(answer, () => [`removed the copy of ${partition} in ${region}`]);
			return 0;
		}
		say("proved, still deleting");
	}
}
