import type { DataTable } from "#replay/report/figure.ts";
import { html } from "#replay/report/html.ts";
import type { ReplayResult } from "#replay/result/replay-result.ts";
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

/** Cost by how much a partition is used; undefined where nothing was classified. */
export function activityTable({ policies }: ReplayResult): DataTable | undefined {
	const present = POLICY_ORDER.filter((name) => (policies[name]?.byActivity.length ?? 0) > 0);
	const [first] = present;
	if (first === undefined) return undefined;
	return {
		caption: "Cost in ms an access, by accesses of a partition in the scored part",
		columns: ["accesses of a partition", "partitions", "accesses", ...present.map((name) => POLICY_TITLES[name])],
		rows: (policies[first]?.byActivity ?? []).map((one) => [
			describeClass(one),
			count(one.partitions),
			count(one.accesses),
			...present.map((name) => {
				const same = policies[name]?.byActivity.find(({ from }) => from === one.from);
				return same === undefined || same.accesses === 0 ? "-" : ms(same.costMs);
			}),
		]),
	};
}

/** What was replayed, and what of the log was not used. */
export function settingsTable({ settings, rows, rowsSkipped, partitions, accesses }: ReplayResult): DataTable {
	return {
		caption: "Settings and what was read",
		columns: ["", "value"],
		rows: [
			["regions", settings.regions.join(", ")],
			["copies of a partition, at most", String(settings.copies)],
			["charge for a move", `${settings.moveCostMs} ms·accesses`],
			["charge for a transfer of leadership", `${settings.transferCostMs} ms·accesses`],
			["share of accesses that the nearest copy may answer", percent(settings.readShare)],
			["part of the log that trains and is not scored", percent(settings.scoreFrom)],
			["round-trip times", settings.rtt === "measured" ? "measured" : "modelled from distance"],
			["seed", String(settings.seed)],
			["rows used", count(rows)],
			["partitions", count(partitions)],
			["accesses scored", count(accesses)],
			...Object.entries(rowsSkipped).map(([reason, skipped]) => [`rows skipped: ${reason}`, count(skipped)]),
		],
	};
}
