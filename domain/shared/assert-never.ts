/** Marks the branch of a closed set that cannot be reached; the compiler points here when a member is added. */
export function assertNever(value: never): never {
	throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
