import { readFileSync } from "node:fs";
import { UsageError } from "#cli/usage-error.ts";
import { type PriceOverrides, priceOverridesSchema } from "#domain/pricing/overrides.ts";

/** Reads what `--prices` names. @throws UsageError when it is no file of prices */
export function readPricesFile(file: string): PriceOverrides {
	let parsed: unknown;
	try {
		parsed = JSON.parse(readFileSync(file, "utf8"));
	} catch (error) {
		throw new UsageError(`--prices ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
	}
	const result = priceOverridesSchema.safeParse(parsed);
	if (result.success) return result.data;
	const [issue] = result.error.issues;
	throw new UsageError(`--prices ${file}: ${issue?.path.join(".") || "the file"} ${issue?.message ?? "cannot be used"} (docs/cost.md)`);
}
