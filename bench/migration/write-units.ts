import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

/** Makes a client ask for consumed capacity with every call. @returns units of each call so far, in order; it grows as calls are made */
export function countWriteUnits(client: DynamoDBClient): readonly number[] {
	const units: number[] = [];
	client.middlewareStack.add(
		(next) => async (args) => {
			const answer = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: "TOTAL" } });
			units.push(capacityIn(answer.output));
			return answer;
		},
		{ step: "initialize", name: "countWriteUnits" },
	);
	return units;
}

/** @throws RangeError when the engine does not say */
function capacityIn(output: object): number {
	const consumed: unknown = "ConsumedCapacity" in output ? output.ConsumedCapacity : undefined;
	const units: unknown =
		typeof consumed === "object" && consumed !== null && "CapacityUnits" in consumed ? consumed.CapacityUnits : undefined;
	if (typeof units !== "number") throw new RangeError("the engine does not report consumed capacity");
	return units;
}
