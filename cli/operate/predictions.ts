import type { Command } from "commander";
import { z } from "zod";
import { renderTable } from "#cli/operate/columns.ts";
import { type Group, group } from "#cli/operate/group.ts";
import { fieldsOf, read } from "#cli/operate/operation.ts";
import { partitionPath } from "#cli/operate/parse-flags.ts";
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

/** `heliotrope predictions …`. */
export function addPredictions(program: Command, tools: Group): void {
	const { add } = group(program, "predictions", "look at forecasts", tools);
	add("show <partition>", "where a partition's accesses are expected from", async ({ api, print }, [partition]) => {
		print(await api.get(`${partitionPath(partition)}/prediction`), describe);
		return 0;
	});
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

/** Regions by falling probability of the longest window, a column a window. */
function describe(answer: unknown): readonly string[] {
	const { predictions } = read(predictionSchema, answer);
	const shares = predictions.map(({ regions, probabilities }) => new Map(regions.map((region, i) => [region, probabilities[i] ?? 0])));
	const last = shares.at(-1) ?? new Map<string, number>();
	const regions = [...new Set(predictions.flatMap((one) => one.regions))].sort((a, b) => (last.get(b) ?? 0) - (last.get(a) ?? 0));
	const percent = (share: number | undefined): string => `${((share ?? 0) * 100).toFixed(1)} %`;
	const expected = ["expected accesses", ...predictions.map(({ expectedAccesses }) => expectedAccesses.toFixed(1))];
	return renderTable(
		["region", ...predictions.map(({ windowHours }) => `${windowHours} h`)],
		[...regions.map((region) => [region, ...shares.map((share) => percent(share.get(region)))]), expected],
	);
}
