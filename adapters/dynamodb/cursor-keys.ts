import { createHash, randomBytes } from "node:crypto";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { CURSOR_KEY, InvalidMetadataError } from "#adapters/dynamodb/metadata-items.ts";
import { ABSENT, callsTo } from "#adapters/dynamodb/versioned-records.ts";
import type { Clock } from "#domain/ports/clock.ts";
import type { CursorKeyRing, CursorKeyView } from "#domain/ports/cursor-keys.ts";
import { KEY } from "#infra/description/tables.ts";

export interface CursorKeyTable {
	readonly tableName: string;
	/** The own region's copy of the metadata table. */
	readonly nearest: DynamoDBDocumentClient;
	/** The control region's, where keys are made. */
	readonly control: DynamoDBDocumentClient;
	readonly clock: Pick<Clock, "nowMs">;
}

const KEY_BYTES = 32;
/** For so long after a rotation, in ms, cursors that bear the key before it are taken. */
const ACCEPTED_MS = 24 * 3_600_000;
/** Keys before the current one that are kept: more rotations in a day than this refuse the oldest cursors. */
const MOST_PREVIOUS = 3;

const keyText = z.string().refine((text) => Buffer.from(text, "base64").byteLength === KEY_BYTES, "it holds no key");
const ringSchema = z.object({
	key: keyText,
	madeAtMs: z.number().optional(),
	previous: z.array(z.object({ key: keyText, madeAtMs: z.number().optional(), retiredAtMs: z.number() })).default([]),
});
type Ring = z.infer<typeof ringSchema>;

/**
 * The keys that authenticate list cursors, one item for the deployment: made by whoever needs it first, with a conditional put in the
 * control region, rotated there, and read by all others from their copy of the metadata table.
 */
export function createCursorKeyRing(table: CursorKeyTable): CursorKeyRing {
	const { tableName, nearest, control, clock } = table;
	const read = async (client: DynamoDBDocumentClient, consistent: boolean): Promise<Ring | undefined> => {
		const { Item } = await translated(() =>
			client.send(new GetCommand({ TableName: tableName, Key: CURSOR_KEY, ConsistentRead: consistent })),
		);
		return Item === undefined ? undefined : decode(Item);
	};
	/** @returns the ring that is there when somebody else was faster */
	const write = async (next: Ring, condition: object): Promise<Ring> => {
		try {
			await translated(() => control.send(new PutCommand({ TableName: tableName, Item: { ...CURSOR_KEY, ...next }, ...condition })));
			return next;
		} catch (error) {
			const theirs = error instanceof ConditionalCheckFailedException ? await read(control, true) : undefined;
			if (theirs === undefined) throw error;
			return theirs;
		}
	};
	const make = (): Promise<Ring> => write(fresh(clock.nowMs()), ABSENT);
	const current = async (): Promise<Ring> => (await read(control, true)) ?? make();
	const replace = async (change: (ring: Ring) => Ring): Promise<readonly CursorKeyView[]> => {
		const ring = await current();
		return viewsOf(await write(change(ring), unchanged(ring)), clock.nowMs());
	};
	return {
		async keys() {
			const ring = (await read(nearest, false)) ?? (await current());
			const accepted = ring.previous.filter(({ retiredAtMs }) => clock.nowMs() < retiredAtMs + ACCEPTED_MS);
			return [ring, ...accepted].map(({ key }) => Buffer.from(key, "base64"));
		},
		list: async () => viewsOf(await current(), clock.nowMs()),
		rotate: () =>
			replace(({ key, madeAtMs, previous }) => ({
				...fresh(clock.nowMs()),
				previous: [{ key, ...(madeAtMs === undefined ? {} : { madeAtMs }), retiredAtMs: clock.nowMs() }, ...previous].slice(
					0,
					MOST_PREVIOUS,
				),
			})),
		clear: () => replace((ring) => ({ ...ring, previous: [] })),
	};
}

const translated = callsTo("the metadata table", "metadata.unavailable");

const fresh = (nowMs: number): Ring => ({ key: randomBytes(KEY_BYTES).toString("base64"), madeAtMs: nowMs, previous: [] });

/** Two rotations at once make one new key, not two: the second sees what the first has made. */
const unchanged = ({ key }: Ring) => ({
	ConditionExpression: "#key = :key",
	ExpressionAttributeNames: { "#key": "key" },
	ExpressionAttributeValues: { ":key": key },
});

/** @throws InvalidMetadataError */
function decode(item: Record<string, unknown>): Ring {
	const parsed = ringSchema.safeParse(item);
	if (!parsed.success) throw new InvalidMetadataError(item[KEY.partitionKey], parsed.error.issues[0]?.message);
	return parsed.data;
}

const viewsOf = ({ key, madeAtMs, previous }: Ring, nowMs: number): readonly CursorKeyView[] => [
	{ id: idOf(key), ...(madeAtMs === undefined ? {} : { madeAtMs }) },
	...previous
		.map((one) => ({
			id: idOf(one.key),
			...(one.madeAtMs === undefined ? {} : { madeAtMs: one.madeAtMs }),
			acceptedUntilMs: one.retiredAtMs + ACCEPTED_MS,
		}))
		.filter(({ acceptedUntilMs }) => nowMs < acceptedUntilMs),
];

/** Names a key without telling it. */
const idOf = (key: string): string => createHash("sha256").update(`cursor-key ${key}`).digest("hex").slice(0, 12);
