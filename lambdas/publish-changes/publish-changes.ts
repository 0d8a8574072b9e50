import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { AttributeValue, DynamoDBRecord } from "aws-lambda";
import { decodeFreeze, decodeRecord, isFreezeItem, isRecordItem } from "#adapters/dynamodb/metadata-items.ts";
import { describeChange, type MetadataChange } from "#domain/partition/metadata-change.ts";
import type { MetadataChanges } from "#domain/ports/metadata-changes.ts";
import { OperatingError } from "#domain/shared/errors.ts";

export interface PublishDeps {
	readonly changes: Pick<MetadataChanges, "append">;
	/** A record that nobody can read: its key, and why. */
	readonly unreadable: (key: unknown, reason: string) => void;
}

/**
 * Appends what a batch of the metadata's stream has changed to the feed: all of it, or it throws and the batch comes again. What is neither
 * partition nor freeze stays untold: the key of cursors above all.
 */
export async function publishChanges({ changes, unreadable }: PublishDeps, records: readonly DynamoDBRecord[]): Promise<number> {
	const told = records.flatMap(({ dynamodb }) => {
		try {
			const change = changeOf(imageOf(dynamodb?.OldImage), imageOf(dynamodb?.NewImage));
			// streams round to the second; a record knows better
			const atMs = updatedAtOf(dynamodb?.NewImage) ?? (dynamodb?.ApproximateCreationDateTime ?? 0) * 1000;
			return change === undefined ? [] : [{ atMs, change }];
		} catch (error) {
			if (!(error instanceof OperatingError)) throw error;
			unreadable(dynamodb?.Keys, error.code);
			return [];
		}
	});
	if (told.length > 0) await changes.append(told);
	return told.length;
}

type Image = Readonly<Record<string, unknown>>;
type RawImage = { readonly [name: string]: AttributeValue } | undefined;

const imageOf = (raw: RawImage): Image | undefined => (raw === undefined ? undefined : unmarshall(raw as Parameters<typeof unmarshall>[0]));

/** Undefined for what the feed does not tell, and for a write that has changed nothing. @throws InvalidMetadataError */
function changeOf(before: Image | undefined, after: Image | undefined): MetadataChange | undefined {
	if (after === undefined) return undefined;
	if (isFreezeItem(after)) return { kind: "freeze", ...decodeFreeze(after) };
	if (!isRecordItem(after)) return undefined;
	return describeChange(before === undefined ? undefined : decodeRecord(before), decodeRecord(after));
}

function updatedAtOf(raw: RawImage): number | undefined {
	const text = raw?.["updatedAtMs"]?.N;
	return text === undefined ? undefined : Number(text);
}
