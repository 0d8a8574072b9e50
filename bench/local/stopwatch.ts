import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Wall ms that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
	const startedMs = performance.now();
	await work();
	return performance.now() - startedMs;
}

/** Wall ms of `count` runs of each after `warmUp` uncounted ones, taken in turn, so that whatever slows the machine slows both. */
export async function timedInTurn(
	{ warmUp, count }: { readonly warmUp: number; readonly count: number },
	subject: () => Promise<unknown>,
	baseline: () => Promise<unknown>,
): Promise<{ values: readonly number[]; baselineValues: readonly number[] }> {
	const values: number[] = [];
	const baselineValues: number[] = [];
	for (let round = 0; round < warmUp + count; round += 1) {
		const valueMs = await timed(subject);
		const baselineMs = await timed(baseline);
		if (round < warmUp) continue;
		values.push(valueMs);
		baselineValues.push(baselineMs);
	}
	return { values, baselineValues };
}

/** A temporary directory that `stack` removes, or else the end of the process. */
export function temporaryDirectory(stack: AsyncDisposableStack): string {
	const path = mkdtempSync(join(tmpdir(), "heliotrope-bench-"));
	const remove = (): void => rmSync(path, { recursive: true, force: true, maxRetries: 3 });
	process.once("exit", remove);
	stack.defer(() => {
		process.off("exit", remove);
		remove();
	});
	return path;
}
