import type { Command } from "commander";
import * as z from "zod";
import { cellOf } from "#cli/operate/columns.ts";
import { type Group, group } from "#cli/operate/group.ts";
import { fieldsOf, listOf, pageOf } from "#cli/operate/operation.ts";
import { parseRegion } from "#cli/operate/parse-flags.ts";
import { UsageError } from "#cli/usage-error.ts";

const eventTable = listOf(
	pageOf(
		"events",
		z.looseObject({
			eventId: z.string(),
			name: z.string(),
			state: z.string().optional(),
			start: z.string(),
			end: z.string(),
			lift: z.record(z.string(), z.number()),
			partitions: z.array(z.string()).optional(),
			segments: z.array(z.string()).optional(),
		}),
	),
	["event", "name", "state", "start", "end", "lift", "partitions", "segments"],
	({ eventId, name, state, start, end, lift, partitions, segments }) => [
		eventId,
		name,
		cellOf(state),
		start,
		end,
		Object.entries(lift)
			.map(([region, factor]) => `${region}=${factor}`)
			.join(","),
		partitions?.join(",") ?? "all",
		segments?.join(",") ?? "all",
	],
);

interface DeclareFlags {
	readonly start?: string;
	readonly end?: string;
	readonly lift?: readonly string[];
	readonly partition?: readonly string[];
	readonly segment?: readonly string[];
}

/** `heliotrope events …`: what forecasts should know from outside. */
export function addEvents(program: Command, tools: Group): void {
	const { add } = group(program, "events", "declare launches, matches, campaigns and outages to the forecast", tools);
	add(
		"list",
		"declared events that are not over",
		async ({ api, print }, _, { past }: { past?: boolean }) => {
			print(await api.get("events", past === true ? { past: "true" } : {}), eventTable);
			return 0;
		},
		(command) => command.option("--past", "those that are over too"),
	);
	add(
		"declare <name>",
		"accesses from a region grow or shrink by a factor for a while",
		async ({ api, print }, [name], flags: DeclareFlags) => {
			print(await api.send("POST", "events", bodyOf(name, flags)), fieldsOf);
			return 0;
		},
		(command) =>
			command
				.option("--start <time>", "when it begins, such as 2026-06-11T19:00Z")
				.option("--end <time>", "when it is over")
				.option("--lift <region=factor>", "2 is twice as many accesses, 0 none; repeatable", collect)
				.option("--partition <name>", "a partition it concerns, * at the end for all that begin so; repeatable (default: all)", collect)
				.option("--segment <name>", "a user segment it concerns; repeatable (default: all)", collect),
	);
	add("delete <event>", "forget an event", async ({ api, print }, [eventId]) => {
		print(await api.send("DELETE", `events/${encodeURIComponent(eventId).replaceAll(".", "%2E")}`), fieldsOf);
		return 0;
	});
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

const bodyOf = (name: string, { start, end, lift = [], partition, segment }: DeclareFlags): unknown => ({
	name,
	start: timeOf("--start", start),
	end: timeOf("--end", end),
	lift: Object.fromEntries(lift.map(parseLift)),
	...(partition === undefined ? {} : { partitions: partition }),
	...(segment === undefined ? {} : { segments: segment }),
});

function timeOf(flag: string, text: string | undefined): string {
	const ms = Date.parse(text ?? "");
	if (Number.isNaN(ms)) throw new UsageError(`${flag} takes a time such as 2026-06-11T19:00Z${text === undefined ? "" : `, not ${text}`}`);
	return new Date(ms).toISOString();
}

function parseLift(text: string): readonly [string, number] {
	const [, region = "", factor = ""] = /^([^=]+)=(\d+(?:\.\d+)?|\.\d+)$/.exec(text) ?? [];
	if (region === "") throw new UsageError(`--lift takes region=factor such as ap-northeast-1=3, not ${JSON.stringify(text.slice(0, 80))}`);
	return [parseRegion(region), Number(factor)];
}
