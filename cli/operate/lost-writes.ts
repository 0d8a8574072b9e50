import * as z from "zod";
import { cellOf } from "#cli/operate/columns.ts";
import type { Add } from "#cli/operate/group.ts";
import { fieldsOf, listOf, pageOf, read } from "#cli/operate/operation.ts";
import { parseRegion, partitionPath } from "#cli/operate/parse-flags.ts";
import { UsageError } from "#cli/usage-error.ts";

const lostSchema = z.looseObject({
	key: z.string(),
	what: z.string(),
	size: z.number().optional(),
	writtenAt: z.string(),
	keptUntil: z.string().optional(),
});

const lostTable = listOf(
	pageOf("lost", lostSchema),
	["key", "what", "bytes", "written", "kept until"],
	({ key, what, size, writtenAt, keptUntil }) => [key, what, cellOf(size), writtenAt, cellOf(keptUntil)],
);

/** An item's key as one segment of a path. */
const keyPath = (partition: string, key: string): string =>
	`${partitionPath(partition)}/lost/${encodeURIComponent(key).replaceAll(".", "%2E")}`;

interface KeyFlags {
	readonly key?: string;
	readonly body?: boolean;
}

/** `partitions lost`, `lost-show` and `lost-forget`: what a lost region took in and its partition's new leader lacks. */
export function addLostWrites(add: Add): void {
	add(
		"lost <partition> <region>",
		"writes that a lost region took in and its successor lacks, as recovery has kept them",
		async ({ api, print }, [partition, region], { limit, cursor }: { limit?: string; cursor?: string }) => {
			print(await api.get(`${partitionPath(partition)}/lost`, { region: parseRegion(region), limit, cursor }), lostTable);
			return 0;
		},
		(command) =>
			command.option("--limit <n>", "at most so many (default: 100)").option("--cursor <cursor>", "go on where an earlier list ended"),
	);
	add(
		"lost-show <partition> <region>",
		"one of them, with its content",
		async ({ api, print }, [partition, region], { key, body: only }: KeyFlags) => {
			const answer = await api.get(keyPath(partition, required(key)), { region: parseRegion(region) });
			const { body, ...fields } = read(z.looseObject({ body: z.string().optional() }), answer);
			const text = body === undefined ? undefined : Buffer.from(body, "base64").toString();
			print(answer, () =>
				only === true ? (text === undefined ? [] : [text]) : fieldsOf({ ...fields, ...(text === undefined ? {} : { body: text }) }),
			);
			return 0;
		},
		(command) =>
			command.option("--key <key>", "of the item").option("--body", "its content alone, as text; --json has the bytes in base64"),
	);
	add(
		"lost-forget <partition> <region>",
		"throw one of them away: it has been written again, or nobody wants it",
		async ({ api, print }, [partition, region], { key }: KeyFlags) => {
			print(await api.send("DELETE", keyPath(partition, required(key)), {}, { region: parseRegion(region) }), fieldsOf);
			return 0;
		},
		(command) => command.option("--key <key>", "of the item"),
	);
}

function required(key: string | undefined): string {
	if (key === undefined || key === "") throw new UsageError("name the item with --key");
	return key;
}
