import type { DataTable } from "#replay/report/figure.ts";
import { html } from "#replay/report/html.ts";
import type { ReplayResult, ReplaySettings } from "#replay/result/replay-result.ts";
import { describeClass, formatUsd, POLICY_ORDER, POLICY_TITLES } from "#replay/result/words.ts";

const ms = (value: number): string => value.toFixed(1);
const count = (value: number): string => Math.round(value).toLocaleString("en-US");
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** Every policy with every measure. */
export const policyTable = ({ policies }: ReplayResult): DataTable => ({
	caption: "Policies compared on the scored part of the log",
	columns: [
		"policy",
		"mean ms",
		"p50",
		"p95",
		"p99",
		"near",
		"copies",
		"moves",
		"transfers",
		"cost ms",
		"95 % interval",
		"regret ms",
		"of oracle",
		"$ a month",
	],
	rows: POLICY_ORDER.flatMap((name) => {
		const policy = policies[name];
		if (policy === undefined) return [];
		const { meanRttMs, p50Ms, p95Ms, p99Ms, nearShare, copies, moves, transfers, costMs, interval, regretMs, captureOfOracle } = policy;
		return [
			[
				html`${POLICY_TITLES[name]}<span class="small">${policy.description}</span>`,
				...[meanRttMs, p50Ms, p95Ms, p99Ms].map(ms),
				percent(nearShare),
				copies.toFixed(2),
				count(moves),
				count(transfers),
				ms(costMs),
				`${ms(interval[0])} to ${ms(interval[1])}`,
				ms(regretMs),
				captureOfOracle.toFixed(2),
				formatUsd(policy.usdPerMonth),
			],
		];
	}),
});

/** How policies fared with partitions of similar activity: a table a class. */
export function activityTables({ policies }: ReplayResult): readonly DataTable[] {
	const present = POLICY_ORDER.filter((name) => (policies[name]?.byActivity.length ?? 0) > 0);
	const classes = present[0] === undefined ? [] : (policies[present[0]]?.byActivity ?? []);
	return classes.map((one) => ({
		caption: `${describeClass(one)} accesses: ${count(one.partitions)} partitions, ${count(one.accesses)} accesses in all`,
		columns: ["policy", "mean ms", "p50", "p95", "p99", "near", "cost ms", "regret ms", "moves", "transfers"],
		rows: present.flatMap((name) => {
			const same = policies[name]?.byActivity.find(({ from }) => from === one.from);
			if (same === undefined || same.accesses === 0) return [];
			const { meanRttMs, p50Ms, p95Ms, p99Ms, nearShare, costMs, regretMs, moves, transfers } = same;
			return [
				[
					POLICY_TITLES[name],
					...[meanRttMs, p50Ms, p95Ms, p99Ms].map(ms),
					percent(nearShare),
					...[costMs, regretMs].map(ms),
					...[moves, transfers].map(count),
				],
			];
		}),
	}));
}

/** What was replayed, and what of the log was not used. */
export function settingsTable({ settings, rows, rowsSkipped, partitions, accesses }: ReplayResult): DataTable {
	return {
		caption: "Settings and what was read",
		columns: ["", "value"],
		rows: [
			["regions", settings.regions.join(", ")],
			...(settings.from === undefined ? [] : [["rows from", settings.from]]),
			...(settings.to === undefined ? [] : [["rows before", settings.to]]),
			...(settings.partitionFrom === undefined ? [] : [["partition named by", settings.partitionFrom]]),
			["copies of a partition, at most", String(settings.copies)],
			["charge for a move", `${settings.moveCostMs} ms·accesses`],
			["charge for a transfer of leadership", `${settings.transferCostMs} ms·accesses`],
			["share of accesses that the nearest copy may answer", percent(settings.readShare)],
			["part of the log that trains and is not scored", percent(settings.scoreFrom)],
			[
				"round-trip times",
				settings.rtt === "measured" ? `measured${settings.rttFile === undefined ? "" : `, ${settings.rttFile}`}` : "modelled from distance",
			],
			["model of predictive", describeModel(settings)],
			["events that forecasts were told of", settings.events?.join(", ") ?? "none"],
			["public holidays", settings.holidays === false ? "change no forecast" : "change forecasts as they did accesses before"],
			["copies that a region holds, at most", describeCapacity(settings)],
			["copies made in an hour, at most", settings.copiesPerHour === undefined ? "no limit" : count(settings.copiesPerHour)],
			[
				"size of an object, where the log does not tell",
				settings.objectBytes === undefined ? "unknown" : `${count(settings.objectBytes)} bytes`,
			],
			["prices", describePrices(settings)],
			["seed", String(settings.seed)],
			["rows used", count(rows)],
			["partitions", count(partitions)],
			["accesses scored", count(accesses)],
			...Object.entries(rowsSkipped).map(([reason, skipped]) => [`rows skipped: ${reason}`, count(skipped)]),
		],
	};
}

const describeCapacity = ({ capacity }: ReplaySettings): string =>
	capacity === undefined
		? "no limit"
		: Object.entries(capacity)
				.map(([region, copies]) => `${region} ${count(copies)}`)
				.join(", ");

function describeModel({ model }: ReplaySettings): string {
	if (model === undefined) return "trained on the part that is not scored";
	return model.trained === undefined
		? model.name
		: `${model.name}, trained on accesses from ${model.trained.from} until before ${model.trained.to}`;
}

/** Published prices where these name none. */
const describePrices = ({ prices }: ReplaySettings): string =>
	prices === undefined ? "list prices" : `${prices.source}, ${prices.asOf}, before list prices: ${JSON.stringify(prices.prices)}`;
