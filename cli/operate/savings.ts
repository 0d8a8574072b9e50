import type { Command } from "commander";
import * as z from "zod";
import { renderTable } from "#cli/operate/columns.ts";
import type { Group } from "#cli/operate/group.ts";
import { read, withConnection } from "#cli/operate/operation.ts";
import { partitionPath } from "#cli/operate/parse-flags.ts";
import { UsageError } from "#cli/usage-error.ts";

const sums = { accesses: z.number(), meanRttMs: z.number(), staticMeanRttMs: z.number(), savedMs: z.number() };
const groupSchema = z.looseObject({ ...sums, partitions: z.number() });
const savingsSchema = z.looseObject({
	...sums,
	from: z.string(),
	to: z.string(),
	againstHoldout: z.looseObject({ placed: groupSchema, holdout: groupSchema, savedMsPerAccess: z.number().optional() }),
	partitionsCounted: z.number(),
	partitions: z.array(z.looseObject({ ...sums, partition: z.string(), holdout: z.boolean() })),
	cursor: z.string().optional(),
});

interface Flags {
	readonly from?: string;
	readonly to?: string;
	readonly partition?: string;
	readonly limit?: string;
	readonly cursor?: string;
}

/** `heliotrope savings`: what placement has saved, in all and by partition. */
export function addSavings(program: Command, { run }: Group): void {
	const command = withConnection(program.command("savings"))
		.description("what placement has saved in round-trip time: against static placement, and against the holdout group")
		.option("--from <time>", "from this hour on (default: the last 24 closed hours)")
		.option("--to <time>", "until before this time")
		.option("--partition <name>", "of one partition alone")
		.option("--limit <n>", "at most so many partitions, the largest savings and losses first (default: 100)")
		.option("--cursor <cursor>", "go on where an earlier list ended")
		.allowExcessArguments(false);
	command.action((flags: Flags) =>
		run(command.opts(), async ({ api, print }) => {
			print(await api.get("savings", queryOf(flags)), describe);
			return 0;
		}),
	);
}

function queryOf({ from, to, partition, limit, cursor }: Flags) {
	// for its check alone
	if (partition !== undefined) partitionPath(partition);
	if (cursor !== undefined && (from !== undefined || to !== undefined))
		throw new UsageError("--cursor goes on with the period of the earlier list; leave --from and --to out");
	return { from: timeOf("--from", from), to: timeOf("--to", to), partition, limit, cursor };
}

function timeOf(flag: string, text: string | undefined): string | undefined {
	if (text === undefined) return undefined;
	const ms = Date.parse(text);
	if (Number.isNaN(ms)) throw new UsageError(`${flag} takes a time such as 2026-06-11T19:00Z, not ${JSON.stringify(text.slice(0, 80))}`);
	return new Date(ms).toISOString();
}

const ms = (value: number): string => value.toFixed(1);
const seconds = (value: number): string => (value / 1000).toFixed(1);

/** Everything in one line, the comparison with the holdout group, then a row a partition. */
function describe(answer: unknown): readonly string[] {
	const { from, to, accesses, meanRttMs, staticMeanRttMs, savedMs, againstHoldout, partitionsCounted, partitions, cursor } = read(
		savingsSchema,
		answer,
	);
	const period = `${from} to ${to}: ${accesses} accesses of ${partitionsCounted} partitions`;
	if (accesses === 0) return [period];
	const rows = partitions.map((one) => [
		one.partition,
		String(one.accesses),
		ms(one.meanRttMs),
		ms(one.staticMeanRttMs),
		seconds(one.savedMs),
		one.holdout ? "yes" : "-",
	]);
	return [
		period,
		`mean round trip ${ms(meanRttMs)} ms, with static placement ${ms(staticMeanRttMs)} ms: ${seconds(savedMs)} s saved, ${ms(savedMs / accesses)} ms an access`,
		holdoutLine(againstHoldout),
		...renderTable(["partition", "accesses", "mean ms", "static ms", "saved s", "holdout"], rows),
		...(cursor === undefined ? [] : [`more: --cursor ${cursor}`]),
	];
}

function holdoutLine({ placed, holdout, savedMsPerAccess }: z.infer<typeof savingsSchema>["againstHoldout"]): string {
	if (savedMsPerAccess === undefined)
		return `no comparison with the holdout group: ${holdout.partitions} of its partitions and ${placed.partitions} others were accessed`;
	return `beyond what the ${holdout.partitions} partitions of the holdout group saved: ${ms(savedMsPerAccess)} ms an access`;
}
