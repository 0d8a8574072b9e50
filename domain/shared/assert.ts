/** Stops where a bug shows: the condition holds unless the program is wrong. @throws Error that no caller is meant to catch */
export function assert(condition: boolean, whatHolds: string): asserts condition {
	if (!condition) throw new Error(`assertion failed: ${whatHolds}`);
}
