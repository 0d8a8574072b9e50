import type { Command } from "commander";
import * as z from "zod";
import { cellOf, renderTable } from "#cli/operate/columns.ts";
import { type Group, group } from "#cli/operate/group.ts";
import { fieldsOf, listOf, pageOf, read } from "#cli/operate/operation.ts";
import { parseRegion, partitionPath } from "#cli/operate/parse-flags.ts";
import { UsageError } from "#cli/usage-error.ts";

const predictionSchema = z.looseObject({
	predictions: z.array(
		z.looseObject({
			windowHours: z.number(),
			madeAtMs: z.number(),
			regions: z.array(z.string()),
			probabilities: z.array(z.number()),
			expectedAccesses: z.number(),
		}),
	),
});
type Prediction = z.infer<typeof predictionSchema>["predictions"][number];

/** A row a partition: what is most likely by window, and how many accesses. */
const predictionTable = listOf(
	pageOf("predictions", z.looseObject({ partition: z.string() }).and(predictionSchema)),
	["partition", "made", "most likely", "expected accesses"],
	({ partition, predictions }) => [
		partition,
		cellOf(predictions[0] === undefined ? undefined : new Date(predictions[0].madeAtMs).toISOString()),
		predictions.map((one) => `${one.windowHours} h ${mostLikely(one)}`).join(", "),
		predictions.map(({ expectedAccesses }) => expectedAccesses.toFixed(1)).join(", "),
	],
);

function mostLikely({ regions, probabilities }: Prediction): string {
	const most = Math.max(...probabilities);
	return `${regions[probabilities.indexOf(most)] ?? "-"} ${percent(most)}`;
}

interface ListFlags {
	readonly home?: string;
	readonly prefix?: string;
	readonly limit?: string;
	readonly cursor?: string;
}

/** `heliotrope predictions …`. */
export function addPredictions(program: Command, tools: Group): void {
	const { add } = group(program, "predictions", "look at forecasts", tools);
	add(
		"list",
		"forecasts of partitions, a page at a time",
		async ({ api, print }, _, { home, prefix, limit, cursor }: ListFlags) => {
			print(await api.get("predictions", { home: home === undefined ? home : parseRegion(home), prefix, limit, cursor }), predictionTable);
			return 0;
		},
		(command) =>
			command
				.option("--home <region>", "those led there")
				.option("--prefix <text>", "those whose name begins so")
				.option("--limit <n>", "at most so many partitions are looked at (default: 100)")
				.option("--cursor <cursor>", "go on where an earlier list ended"),
	);
	add("show <partition>", "where a partition's accesses are expected from", async ({ api, print }, [partition]) => {
		print(await api.get(`${partitionPath(partition)}/prediction`), describe);
		return 0;
	});
	add(
		"models",
		"which model is in use, and what retrainings came to",
		async ({ api, print }, _, { limit }: { limit?: string }) => {
			if (limit !== undefined && !/^[1-9]\d{0,2}$/.test(limit)) throw new UsageError(`--limit takes a number from 1, not ${limit}`);
			print(await api.get("predictions/models", limit === undefined ? {} : { limit }), describeModels);
			return 0;
		},
		(command) => command.option("--limit <n>", "so many retrainings (default: 20)"),
	);
	add(
		"run",
		"forecast and decide now, without waiting for the schedule",
		async ({ api, print }, _, { at }: { at?: string }) => {
			if (at !== undefined && Number.isNaN(Date.parse(at))) throw new UsageError("--at takes a time such as 2024-01-01T12:00:00Z");
			print(await api.send("POST", "predictions/run", at === undefined ? {} : { scheduledTime: new Date(at).toISOString() }), fieldsOf);
			return 0;
		},
		(command) => command.option("--at <time>", "the planned time of the run (default: now)"),
	);
}

const score = z.looseObject({ windows: z.number(), logLoss: z.number(), ece: z.number(), decisionMs: z.number() });
const scores = z.record(z.string(), score);
const modelsSchema = z.looseObject({
	inUse: z.looseObject({ name: z.string(), since: z.string().optional() }),
	models: z.array(
		z.looseObject({
			name: z.string(),
			decidedAt: z.string(),
			outcome: z.string(),
			why: z.string(),
			evaluation: z.looseObject({ candidate: scores }).optional(),
		}),
	),
});

/** The model in use, then a row a retraining with the log-loss of the candidate by window. */
function describeModels(answer: unknown): readonly string[] {
	const { inUse, models } = read(modelsSchema, answer);
	const head = `in use: ${inUse.name}${inUse.since === undefined ? "" : ` since ${inUse.since}`}`;
	if (models.length === 0) return [head, "no retraining yet"];
	const losses = (one: (typeof models)[number]): string | undefined =>
		one.evaluation &&
		Object.entries(one.evaluation.candidate)
			.map(([window, { logLoss }]) => `${window} h ${logLoss.toFixed(3)}`)
			.join(", ");
	return [
		head,
		...renderTable(
			["decided", "outcome", "log-loss", "why"],
			models.map((one) => [one.decidedAt, one.outcome, cellOf(losses(one)), one.why]),
		),
	];
}

const percent = (share: number | undefined): string => `${((share ?? 0) * 100).toFixed(1)} %`;

/** Regions by falling probability of the longest window, a column a window. */
function describe(answer: unknown): readonly string[] {
	const { predictions } = read(predictionSchema, answer);
	const shares = predictions.map(({ regions, probabilities }) => new Map(regions.map((region, i) => [region, probabilities[i] ?? 0])));
	const last = shares.at(-1) ?? new Map<string, number>();
	const regions = [...new Set(predictions.flatMap((one) => one.regions))].sort((a, b) => (last.get(b) ?? 0) - (last.get(a) ?? 0));
	const expected = ["expected accesses", ...predictions.map(({ expectedAccesses }) => expectedAccesses.toFixed(1))];
	return renderTable(
		["region", ...predictions.map(({ windowHours }) => `${windowHours} h`)],
		[...regions.map((region) => [region, ...shares.map((share) => percent(share.get(region)))]), expected],
	);
}
