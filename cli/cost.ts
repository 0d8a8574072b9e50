import { writeFileSync } from "node:fs";
import type { CostOptions } from "#cli/cost-options.ts";
import { formatCount } from "#cli/display/format.ts";
import { UsageError } from "#cli/usage-error.ts";
import { compareDesigns, Design, type DesignCost, type Workload } from "#domain/pricing/compare-designs.ts";
import { pricesOf } from "#domain/pricing/overrides.ts";
import type { PriceTable } from "#domain/pricing/price-table.ts";
import { loadSettings } from "#infra/load-settings.ts";
import { type Settings, SettingsError } from "#infra/settings.ts";

const TITLES: Readonly<Record<Design, string>> = {
	[Design.Heliotrope]: "Heliotrope",
	[Design.FullReplication]: "Heliotrope, a copy everywhere",
	[Design.Static]: "one region",
	[Design.GlobalTables]: "DynamoDB global tables",
};

const COLUMNS = [
	["storage", "storageUsd"],
	["writes", "writeUsd"],
	["reads", "readUsd"],
	["replication", "replicationUsd"],
	["moves", "moveUsd"],
	["transfer", "transferUsd"],
	["path", "pathUsd"],
	["total", "totalUsd"],
] as const satisfies readonly (readonly [string, keyof DesignCost])[];

/** Prints what a workload costs a month in four designs; the exit code. @throws UsageError */
export async function cost(options: CostOptions, write: (text: string) => void): Promise<number> {
	const settings = await settingsOf(options.settings);
	const load = workloadOf(options, settings);
	const prices = pricesOf(options.prices);
	const designs = compareDesigns(load, prices);
	const standing = standingParts(settings);
	if (options.json === undefined) write(render(load, designs, prices, standing));
	else writeFileSync(options.json, `${JSON.stringify({ workload: load, designs, standing, sources: prices.sources }, null, "\t")}\n`);
	return 0;
}

const settingsOf = (file: string): Promise<Settings> =>
	loadSettings(file).catch((error: unknown) => {
		if (error instanceof SettingsError) throw new UsageError(error.message.trim().replaceAll(/\s*\n\s*/g, "; "));
		throw error;
	});

/** What Heliotrope is charged for by the hour or the month, whatever the load, in words: the table does not price it. */
function standingParts({ model, firewall, encryption, console, regions }: Settings): readonly string[] {
	const { endpoint } = model;
	return [
		...(endpoint.kind === "real-time" ? [`${endpoint.instances} x ${endpoint.instanceType} at the model's endpoint`] : []),
		"a Kinesis stream on demand",
		"point-in-time recovery of every table",
		...(firewall === undefined ? [] : ["a web ACL with a rule"]),
		...(encryption.kind === "customer-managed" ? [`requests to ${regions.length} keys of yours`] : []),
		...(console?.kind === "cognito" ? ["a user pool"] : []),
		"alarms and a dashboard",
	];
}

function workloadOf(options: CostOptions, { regions, controlRegion }: Settings): Workload {
	if (options.copies > regions.length)
		throw new UsageError(
			`--copies ${options.copies} is more than the ${regions.length} regions of ${options.settings}; there is one a region`,
		);
	return {
		regions,
		controlRegion,
		partitions: options.partitions,
		requestsPerMonth: options.requests,
		readShare: options.readShare,
		itemBytes: options.itemBytes,
		partitionBytes: options.partitionBytes,
		copies: options.copies,
		movesPerPartition: options.moves,
	};
}

function render(load: Workload, designs: readonly DesignCost[], prices: PriceTable, standing: readonly string[]): string {
	const rows = [
		["US dollars a month", ...COLUMNS.map(([title]) => title)],
		...designs.map((design) => [TITLES[design.design], ...COLUMNS.map(([, key]) => dollars(design[key]))]),
	];
	const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
	const table = rows.map((row) =>
		row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  "),
	);
	return `${[headline(load), "", ...table, "", ...footnotes(designs, prices, standing)].join("\n")}\n`;
}

const headline = ({
	regions,
	partitions,
	requestsPerMonth,
	readShare,
	itemBytes,
	partitionBytes,
	copies,
	movesPerPartition,
}: Workload): string =>
	`${formatCount(partitions)} partitions of ${formatCount(partitionBytes)} bytes in ${regions.join(", ")}; ${formatCount(requestsPerMonth)} requests ` +
	`a month of ${formatCount(itemBytes)} bytes, ${Math.round(readShare * 100)} % reads; ${copies} copies, ${movesPerPartition} moves a partition`;

function footnotes(designs: readonly DesignCost[], prices: PriceTable, standing: readonly string[]): readonly string[] {
	const assumed = [...new Set(designs.flatMap((design) => design.assumed))].toSorted();
	const dates = Object.values(prices.sources)
		.map(({ asOf }) => asOf)
		.toSorted();
	return [
		`Prices as published from ${dates[0]} to ${dates.at(-1)}, before agreements, taxes and allowances; --prices takes your own.`,
		"Path: distribution, functions and their assumed run times. Left out: logs, calls of the model, S3, backups, the control tables.",
		`Not priced either, and paid whatever the load: ${standing.join(", ")}.`,
		assumed.length === 0 ? "Every price has a source." : `Assumed, on the dear side, for want of a source: ${assumed.join(", ")}.`,
	];
}

const dollars = (usd: number): string => usd.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
