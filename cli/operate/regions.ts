import type { Command } from "commander";
import * as z from "zod";
import { cellOf } from "#cli/operate/columns.ts";
import { type Group, group } from "#cli/operate/group.ts";
import { listOf, type Operator, pageOf } from "#cli/operate/operation.ts";
import { parseRegion, parseRegions } from "#cli/operate/parse-flags.ts";
import { addRegionPromotion } from "#cli/operate/promotions.ts";
import { UsageError } from "#cli/usage-error.ts";

const regionTable = listOf(
	pageOf(
		"regions",
		z.looseObject({
			id: z.string(),
			control: z.boolean().optional(),
			frozen: z.boolean().optional(),
			health: z.looseObject({ reachable: z.boolean(), answerMs: z.number().optional() }).optional(),
			dataPlaneUrl: z.string().optional(),
		}),
	),
	["region", "control", "frozen", "health", "data plane"],
	({ id, control, frozen, health, dataPlaneUrl }) => [
		id,
		control === true ? "yes" : "-",
		frozen === true ? "yes" : "-",
		health === undefined ? "-" : health.reachable ? `reachable, ${cellOf(health.answerMs)} ms` : "UNREACHABLE",
		cellOf(dataPlaneUrl),
	],
);

/** `heliotrope regions …`. */
export function addRegions(program: Command, tools: Group): void {
	const { add } = group(program, "regions", "look at regions, freeze them, and go on without one", tools);
	add("list", "the regions of the deployment", async ({ api, print }) => {
		print(await api.get("regions", { health: "true" }), regionTable);
		return 0;
	});
	add("freeze <region>", "nothing moves to or from a region; moves under way go to their nearest safe state", (operator, [region]) =>
		changeFreeze(operator, { freezeRegions: [parseRegion(region)] }),
	);
	add("unfreeze <region>", "moves are allowed again", (operator, [region]) =>
		changeFreeze(operator, { unfreezeRegions: [parseRegion(region)] }),
	);
	addRegionPromotion(add);
}

/** `heliotrope freeze …`: the switches of the whole deployment. */
export function addFreeze(program: Command, tools: Group): void {
	const { add } = group(program, "freeze", "stop all moves", tools);
	add("show", "what is frozen", async ({ api, print }) => {
		print(await api.get("freeze"), describeFreeze);
		return 0;
	});
	add(
		"set",
		"stop all moves, or those of some regions; moves under way go to their nearest safe state",
		(operator, _, { regions }: { regions?: string }) =>
			changeFreeze(operator, regions === undefined ? { global: true } : { freezeRegions: parseRegions(regions) }),
		(command) => command.option("--regions <list>", "these regions only, comma-separated"),
	);
	add("clear", "moves are allowed again everywhere; frozen partitions stay so", async ({ api, print }) => {
		print(await api.send("PUT", "freeze", { global: false, regions: [] }), describeFreeze);
		return 0;
	});
}

async function changeFreeze({ api, print }: Operator, change: Readonly<Record<string, unknown>>): Promise<number> {
	if (Object.keys(change).length === 0) throw new UsageError("name what to freeze");
	print(await api.send("PATCH", "freeze", change), describeFreeze);
	return 0;
}

const freezeSchema = z.looseObject({ global: z.boolean(), regions: z.array(z.string()) });

function describeFreeze(answer: unknown): readonly string[] {
	const parsed = freezeSchema.safeParse(answer);
	if (!parsed.success) return [JSON.stringify(answer)];
	const { global, regions } = parsed.data;
	return [
		`all partitions  ${global ? "frozen" : "free"}`,
		`regions         ${regions.length === 0 ? "none frozen" : `${regions.join(", ")} frozen`}`,
	];
}
