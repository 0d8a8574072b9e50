import * as z from "zod";
import { AdminRefusal, UnreachableError } from "#cli/operate/failures.ts";
import type { Add } from "#cli/operate/group.ts";
import { type Operator, read } from "#cli/operate/operation.ts";

const changeSchema = z.looseObject({
	position: z.number(),
	at: z.string(),
	kind: z.string(),
	partition: z.string().optional(),
	leader: z.string().optional(),
	followers: z.array(z.string()).optional(),
	epoch: z.number().optional(),
	phase: z.string().optional(),
	changed: z.array(z.string()).optional(),
	before: z.looseObject({ leader: z.string(), phase: z.string() }).optional(),
	global: z.boolean().optional(),
	regions: z.array(z.string()).optional(),
});
type Change = z.infer<typeof changeSchema>;
const pageSchema = z.looseObject({ changes: z.array(changeSchema), cursor: z.string() });

const EVERY_MS = 1000;
/** Looks in a row that may find nobody: a restart of the deployment is no end of a watch. */
const MAX_MISSES = 30;

interface WatchFlags {
	readonly after?: string;
	readonly once?: boolean;
}

/** `partitions watch`. */
export function addWatch(add: Add): void {
	add(
		"watch",
		"what happens to partitions and freezes, as it happens; Ctrl-C ends it",
		(operator, _, flags: WatchFlags) => watch(operator, flags),
		(command) =>
			command
				.option("--after <cursor>", "begin behind this position of the change feed; 0 is all that is kept (default: now)")
				.option("--once", "end at the end of the feed, with the cursor to go on from"),
	);
}

/** With `--json` one object a change. A feed that does not reach back to the cursor is said to have a gap, and followed from where it is. */
async function watch(operator: Operator, { after, once }: WatchFlags): Promise<number> {
	let cursor = after;
	let misses = 0;
	for (;;) {
		try {
			const { changes, cursor: next } = read(pageSchema, await operator.api.get("changes", { after: cursor }));
			for (const change of changes) operator.print(change, () => [describeMetadataChange(change)]);
			misses = 0;
			const isAtEnd = changes.length === 0;
			cursor = next;
			if (once === true && isAtEnd) {
				operator.say(`go on with --after ${cursor}`);
				return 0;
			}
			if (!isAtEnd) continue;
		} catch (error) {
			if (error instanceof AdminRefusal && error.code === "changes.gone" && once !== true) {
				operator.say("changes since then are not kept any more: partitions list shows how things are; going on from now");
				cursor = undefined;
				continue;
			}
			if (!(error instanceof UnreachableError) || ++misses > MAX_MISSES) throw error;
		}
		await operator.sleep(EVERY_MS);
	}
}

/** A change on one line. Pure. */
export function describeMetadataChange({
	at,
	kind,
	partition,
	leader,
	followers,
	epoch,
	phase,
	changed,
	before,
	global,
	regions,
}: Change): string {
	if (kind === "freeze") {
		const frozen = global === true ? "all partitions frozen" : "not all partitions frozen";
		return `${at}  freeze  ${frozen}, regions: ${(regions ?? []).join(", ") || "none"}`;
	}
	const parts = [
		before === undefined ? `new, led by ${leader}` : "",
		before !== undefined && before.leader !== leader ? `led by ${leader} (before: ${before.leader})` : "",
		before !== undefined && before.phase !== phase ? `${before.phase} -> ${phase}` : "",
		before !== undefined && (changed ?? []).includes("followers") ? `followers ${(followers ?? []).join(", ") || "none"}` : "",
	].filter((part) => part !== "");
	const rest = (changed ?? []).filter((name) => !["leader", "phase", "followers", "epoch"].includes(name));
	const words = parts.length > 0 || rest.length === 0 ? parts : [`changed: ${rest.join(", ")}`];
	return `${at}  ${partition}  epoch ${epoch}  ${words.join("; ")}`;
}
