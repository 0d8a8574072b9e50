import * as z from "zod";
import { UnreachableError } from "#cli/operate/failures.ts";
import { type Operator, read } from "#cli/operate/operation.ts";

const migrationSchema = z.looseObject({
	migrationId: z.string(),
	partition: z.string().optional(),
	state: z.string(),
	stage: z.string().optional(),
	progress: z.looseObject({}).optional(),
	canary: z.looseObject({ step: z.number() }).optional(),
	decision: z.string().optional(),
	requested: z.string().optional(),
	restarts: z.number().optional(),
	reason: z.string().optional(),
});
type Migration = z.infer<typeof migrationSchema>;

/** How a migration ended as an exit code; what is not here is a failure. */
const EXIT_CODES: Readonly<Record<string, number>> = { completed: 0, cancelled: 3, rolledBack: 4 };

const EVERY_MS = 1000;
/** Looks in a row that may find nobody: a restart of the deployment is no end of a migration. */
const MAX_MISSES = 30;

/** Says what changes until the migration has ended; the exit code tells how. @throws AdminRefusal when there is no such migration */
export async function watchMigration(operator: Operator, path: string): Promise<number> {
	let said = "";
	let misses = 0;
	for (;;) {
		const answer = await operator.api.get(path).catch((error: unknown) => {
			if (!(error instanceof UnreachableError) || ++misses > MAX_MISSES) throw error;
			return undefined;
		});
		if (answer !== undefined) {
			misses = 0;
			const migration = read(migrationSchema, answer);
			const line = describeStand(migration);
			if (line !== said) operator.say(line);
			said = line;
			if (migration.state !== "running") {
				if (operator.json) operator.print(answer, () => []);
				return EXIT_CODES[migration.state] ?? 1;
			}
		}
		await operator.sleep(EVERY_MS);
	}
}

/** Where a migration stands, on one line. Pure. */
export function describeStand({ migrationId, state, stage, progress, canary, decision, requested, restarts, reason }: Migration): string {
	const numbers = Object.entries(progress ?? {}).filter(([, value]) => typeof value === "number" && value !== 0);
	const parts = [
		state === "running" ? (stage ?? "starting") : state,
		numbers.map(([name, value]) => `${name} ${value}`).join(" "),
		stage === "ShiftTraffic" && canary !== undefined ? `canary step ${canary.step + 1}` : "",
		decision ?? "",
		state === "running" && requested !== undefined ? `${requested} asked for` : "",
		(restarts ?? 0) > 0 ? `restarted ${restarts} times` : "",
		reason ?? "",
	];
	return `${migrationId}: ${parts.filter((part) => part !== "").join(", ")}`;
}
