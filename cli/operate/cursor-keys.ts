import type { Command } from "commander";
import * as z from "zod";
import { cellOf } from "#cli/operate/columns.ts";
import { type Group, group } from "#cli/operate/group.ts";
import { listOf, pageOf } from "#cli/operate/operation.ts";

const keyTable = listOf(
	pageOf(
		"cursorKeys",
		z.looseObject({ id: z.string(), state: z.string(), madeAt: z.string().optional(), acceptedUntil: z.string().optional() }),
	),
	["key", "state", "made", "accepted until"],
	({ id, state, madeAt, acceptedUntil }) => [id, state, cellOf(madeAt), cellOf(acceptedUntil)],
);

/** `heliotrope cursor-keys …`: what authenticates the cursors of lists. */
export function addCursorKeys(program: Command, tools: Group): void {
	const { add } = group(program, "cursor-keys", "the keys that authenticate list cursors", tools);
	add("list", "the keys whose cursors are taken, by names that do not tell them", async ({ api, print }) => {
		print(await api.get("cursor-keys"), keyTable);
		return 0;
	});
	add("rotate", "make a new key; cursors with the one before are taken for another day", async ({ api, print }) => {
		print(await api.send("POST", "cursor-keys/rotate", {}), keyTable);
		return 0;
	});
	add("clear", "refuse cursors from before the last rotation, everywhere within five minutes", async ({ api, print }) => {
		print(await api.send("POST", "cursor-keys/clear", {}), keyTable);
		return 0;
	});
}
