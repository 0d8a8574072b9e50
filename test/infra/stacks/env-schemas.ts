import type * as z from "zod";
import type { FunctionDescription } from "#infra/description/functions.ts";

type Environment = Readonly<Record<string, string>>;
type EnvironmentSchema = z.ZodType | ((environment: Environment) => unknown);

/** Of the schemas of a folder that several functions share, those that each of them parses. */
const SCHEMAS: Readonly<Record<string, readonly string[]>> = {
	"list-shards": ["predictEnv"],
	"forecast-shard": ["predictEnv", "forecastEnv"],
	"decide-placement": ["predictEnv", "decideEnv"],
	"start-migrations": ["startEnv"],
	"restore-model": ["trainEnv", "bucketEnv", "platformEnv"],
	"list-training-days": ["trainEnv", "countsEnv"],
	"export-training-day": ["trainEnv", "countsEnv", "bucketEnv"],
	"plan-training": ["trainEnv", "bucketEnv", "geographyEnv"],
	"start-training": ["trainEnv", "bucketEnv", "platformEnv"],
	"check-training": ["trainEnv", "platformEnv"],
	"judge-candidate": ["trainEnv", "bucketEnv"],
	"promote-model": ["trainEnv", "platformEnv"],
	"check-promotion": ["trainEnv", "platformEnv"],
	"record-training": ["trainEnv"],
};

/** The functions of a folder's `env.ts` that a function calls at cold start. They throw where its environment does not do. */
export async function schemasOf({ name, entry }: FunctionDescription): Promise<readonly ((environment: Environment) => unknown)[]> {
	const folder = entry.split("/")[1] ?? "";
	const module = (await import(`../../../lambdas/${folder}/env.ts`)) as Record<string, EnvironmentSchema>;
	return (SCHEMAS[name] ?? Object.keys(module)).map((key) => {
		const schema = module[key] as EnvironmentSchema;
		return typeof schema === "function" ? schema : (environment: Environment) => schema.parse(environment);
	});
}
