import type { Command } from "commander";
import * as z from "zod";
import { cellOf, renderFields } from "#cli/operate/columns.ts";
import { describeDryRun, describePlan } from "#cli/operate/describe-plan.ts";
import { type Group, group } from "#cli/operate/group.ts";
import { fieldsOf, listOf, type Operator, pageOf, read } from "#cli/operate/operation.ts";
import { type ChangeFlags, parseCanary, parseChange, parseSeconds, partitionPath } from "#cli/operate/parse-flags.ts";
import { watchMigration } from "#cli/operate/watch-migration.ts";
import { UsageError } from "#cli/usage-error.ts";

const summarySchema = z.looseObject({
	migrationId: z.string(),
	partition: z.string(),
	state: z.string(),
	stage: z.string().optional(),
	source: z.string().optional(),
	target: z.string().optional(),
	startedAt: z.string().optional(),
	reason: z.string().optional(),
});

const migrationTable = listOf(
	pageOf("migrations", summarySchema),
	["migration", "partition", "state", "stage", "from", "to", "started", "reason"],
	(one) => [one.migrationId, one.partition, one.state, one.stage, one.source, one.target, one.startedAt, one.reason].map(cellOf),
);

interface ListFlags {
	readonly state?: string;
	readonly partition?: string;
	readonly limit?: string;
	readonly cursor?: string;
}

interface StartFlags extends ChangeFlags {
	readonly soakSeconds?: string;
	readonly canary?: string;
	readonly dryRun?: boolean;
	readonly watch?: boolean;
}

/** `heliotrope migrations …`. */
export function addMigrations(program: Command, tools: Group): void {
	const { add } = group(program, "migrations", "start, watch and take back migrations", tools);
	add("list", "migrations, newest first where a state is given", list, (command) =>
		command
			.option("--state <state>", "running, completed, cancelled, rolledBack or failed")
			.option("--partition <partition>", "of this partition")
			.option("--limit <n>", "at most so many (default: 100)")
			.option("--cursor <cursor>", "go on where an earlier list ended"),
	);
	add("show <migration>", "plan, stage, progress and history of one", async ({ api, print }, [id]) => {
		print(await api.get(migrationPath(id)), describe);
		return 0;
	});
	add("start <partition>", "move leadership or copies of a partition", start, withStartFlags);
	add("cancel <migration>", "take it back before leadership has moved", (operator, [id]) => interrupt(operator, id, "cancel"));
	add("rollback <migration>", "hand leadership back while it soaks", (operator, [id]) => interrupt(operator, id, "rollback"));
	add("watch <migration>", "follow it to its end; exit code 0 completed, 3 cancelled, 4 rolled back, 1 failed", (operator, [id]) =>
		watchMigration(operator, migrationPath(id)),
	);
	add(
		"recover",
		"start again what nobody is running, take back what a lost region holds, carry what it missed: now, not at the schedule's time",
		async ({ api, print }) => {
			print(await api.send("POST", "migrations/recover"), fieldsOf);
			return 0;
		},
	);
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, ...value.split(",")];

const withStartFlags = (command: Command): Command =>
	command
		.option("--target <region>", "the classic move: copy, transfer leadership, remove the old copy")
		.option("--keep-source", "with --target: the old leader stays as a follower")
		.option("--add-follower <region>", "create a copy; may be given again", collect)
		.option("--transfer <region>", "make this copy the leader")
		.option("--remove-follower <region>", "remove a copy after proof; may be given again", collect)
		.option("--soak-seconds <n>", "how long the old leader stays a complete follower")
		.option("--canary <steps>", "share:seconds of each step, such as 0.1:60,0.5:60; none for no canary")
		.option("--dry-run", "print the plan and start nothing")
		.option("--watch", "then follow it to its end");

async function list({ api, print }: Operator, _: unknown, { state, partition, limit, cursor }: ListFlags): Promise<number> {
	print(await api.get("migrations", { state, partition, limit, cursor }), migrationTable);
	return 0;
}

const startedSchema = z.looseObject({ migrationId: z.string() });

async function start(operator: Operator, [partition]: readonly [string, ...string[]], flags: StartFlags): Promise<number> {
	const soakSeconds = parseSeconds("--soak-seconds", flags.soakSeconds);
	const canary = parseCanary(flags.canary);
	const dryRun = flags.dryRun === true;
	if (dryRun && flags.watch === true) throw new UsageError("--dry-run starts nothing that --watch could follow");
	const body = {
		...parseChange(flags),
		...(soakSeconds === undefined ? {} : { soakSeconds }),
		...(canary === undefined ? {} : { canary }),
		...(dryRun ? { dryRun } : {}),
	};
	const answer = await operator.api.send("POST", `${partitionPath(partition)}/migrations`, body);
	if (dryRun) {
		operator.print(answer, describeDryRun);
		return 0;
	}
	const { migrationId } = read(startedSchema, answer);
	if (flags.watch !== true || !operator.json) operator.print(answer, () => [`started ${migrationId}`]);
	return flags.watch === true ? watchMigration(operator, migrationPath(migrationId)) : 0;
}

async function interrupt({ api, print }: Operator, id: string, wish: "cancel" | "rollback"): Promise<number> {
	const answer = await api.send("POST", `${migrationPath(id)}/${wish}`);
	print(answer, () => [`asked to ${wish === "cancel" ? "cancel" : "roll back"} ${id}; migrations watch ${id} tells how it ends`]);
	return 0;
}

const objectSchema = z.looseObject({ plan: z.record(z.string(), z.unknown()).optional(), history: z.array(z.unknown()).optional() });

/** The plan below the rest. */
function describeWhole(answer: unknown): readonly string[] {
	const { plan, ...rest } = read(objectSchema, answer);
	return [...renderFields(rest), ...(plan === undefined ? [] : ["plan:", ...describePlan(plan).map((line) => `  ${line}`)])];
}

const runSchema = z.looseObject({ stage: z.string(), startedAtMs: z.number(), endedAtMs: z.number(), outcome: z.string() });
const SHOWN_RUNS = 15;

function describe(answer: unknown): readonly string[] {
	const { history = [], ...rest } = read(objectSchema, answer);
	const runs = z.array(runSchema).safeParse(history);
	const lines = (runs.success ? runs.data : []).map(
		({ stage, startedAtMs, endedAtMs, outcome }) =>
			`  ${new Date(startedAtMs).toISOString()}  ${stage}  ${outcome}  ${((endedAtMs - startedAtMs) / 1000).toFixed(1)} s`,
	);
	const left = lines.length - SHOWN_RUNS;
	return [...describeWhole(rest), ...(left > 0 ? [`history, without the first ${left} runs:`] : ["history:"]), ...lines.slice(-SHOWN_RUNS)];
}

/** @throws UsageError */
function migrationPath(id: string): string {
	if (!/^[A-Za-z0-9_-]{1,80}$/.test(id))
		throw new UsageError(`${JSON.stringify(id.slice(0, 80))} is no migration; migrations list has their ids`);
	return `migrations/${id}`;
}
