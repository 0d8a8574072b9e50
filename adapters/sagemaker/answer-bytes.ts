import type { ForecastRequest, PartitionInput } from "#domain/prediction/forecast-request.ts";
import { outlookLength } from "#domain/prediction/outlook.ts";

/** The longest double in JSON, with its comma. */
export const BYTES_PER_NUMBER = 25;
/** Keys and punctuation of a vector, of a row of its joint distribution and of an outlook, arrays and texts left out. */
const VECTOR_FRAME = 220;
const ROW_FRAME = 6;
const OUTLOOK_FRAME = 40;
/** Numbers of a vector outside its arrays. */
const SINGLE_NUMBERS = 7;

/** How many bytes the answer about a partition has at most, vectors of all windows and the outlook together. */
export function answerBytesOf(
	{ partition, state }: PartitionInput,
	{ regions, windowHours, outlooks }: Pick<ForecastRequest, "regions" | "windowHours" | "outlooks">,
): number {
	const name = bytesOf(partition);
	const row = ROW_FRAME + regions.length * BYTES_PER_NUMBER;
	// the segments, and one row for everybody else
	const joint =
		state.segments === undefined ? 0 : row + Object.keys(state.segments).reduce((sum, segment) => sum + bytesOf(segment) + row, 0);
	const vector = VECTOR_FRAME + SINGLE_NUMBERS * BYTES_PER_NUMBER + name + bytesOf(regions) + row + joint;
	const outlook = outlooks === true ? OUTLOOK_FRAME + name + BYTES_PER_NUMBER + outlookLength(regions.length) : 0;
	return windowHours.length * vector + outlook;
}

/** Of a value as JSON. */
export const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
