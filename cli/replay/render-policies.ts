import { formatCount, formatShare } from "#cli/display/format.ts";
import { renderTextTable, type TextColumn, widthOfTable, wrapText } from "#cli/replay/text-table.ts";
import { PolicyName, type PolicyResult, type ReplayResult } from "#replay/result/replay-result.ts";
import { describeClass, formatUsd, POLICY_ORDER, POLICY_TITLES } from "#replay/result/words.ts";

type Row<T> = readonly [PolicyName, T];
const ms = (value: number): string => value.toFixed(1);
const named: TextColumn<Row<unknown>> = { title: "policy", left: true, cell: ([name]) => POLICY_TITLES[name] };

const LATENCY: readonly TextColumn<Row<PolicyResult>>[] = [
	{ title: "mean ms", cell: ([, { meanRttMs }]) => ms(meanRttMs) },
	{ title: "p50", cell: ([, { p50Ms }]) => ms(p50Ms), giveUp: 3 },
	{ title: "p95", cell: ([, { p95Ms }]) => ms(p95Ms), giveUp: 2 },
	{ title: "p99", cell: ([, { p99Ms }]) => ms(p99Ms), giveUp: 4 },
	{ title: "near", cell: ([, { nearShare }]) => formatShare(nearShare), giveUp: 1 },
];
const COST: readonly TextColumn<Row<PolicyResult>>[] = [
	{ title: "cost ms", cell: ([, { costMs }]) => ms(costMs) },
	{ title: "95 %", cell: ([, { interval }]) => interval.map(ms).join(".."), giveUp: 2 },
	{ title: "regret", cell: ([, { regretMs }]) => ms(regretMs), giveUp: 1 },
	{ title: "of oracle", cell: ([, { captureOfOracle }]) => captureOfOracle.toFixed(2), giveUp: 3 },
];
const WORK: readonly TextColumn<Row<PolicyResult>>[] = [
	{ title: "copies", cell: ([, { copies }]) => copies.toFixed(2), giveUp: 3 },
	{ title: "moves", cell: ([, { moves }]) => formatCount(moves) },
	{ title: "transfers", cell: ([, { transfers }]) => formatCount(transfers), giveUp: 1 },
	{ title: "$/month", cell: ([, { usdPerMonth }]) => formatUsd(usdPerMonth), giveUp: 2 },
];

/** Every measure of every policy: one table where the width suffices, else three, of latency, cost and work. Pure. */
export function renderPolicies({ policies }: ReplayResult, width: number): readonly string[] {
	const rows = POLICY_ORDER.flatMap((name): readonly Row<PolicyResult>[] => (policies[name] === undefined ? [] : [[name, policies[name]]]));
	if (rows.length === 0) return [];
	const whole = [named, ...LATENCY, ...COST, ...WORK];
	const tables =
		widthOfTable(whole, rows) <= width
			? renderTextTable(whole, rows, width)
			: [LATENCY, COST, WORK].flatMap((part, index) => [...(index === 0 ? [] : [""]), ...renderTextTable([named, ...part], rows, width)]);
	const words =
		"cost: mean round-trip time and the charges for moves and transfers, an access; regret: what it costs above the oracle; of oracle: share of the oracle's gain over fixed regions";
	return [...tables, ...wrapText(words, width)];
}

type ClassFigures = PolicyResult["byActivity"][number];
const CLASS_COLUMNS: readonly TextColumn<Row<ClassFigures>>[] = [
	named,
	{ title: "mean", cell: ([, { meanRttMs }]) => ms(meanRttMs), giveUp: 4 },
	{ title: "p50", cell: ([, { p50Ms }]) => ms(p50Ms), giveUp: 7 },
	{ title: "p95", cell: ([, { p95Ms }]) => ms(p95Ms), giveUp: 3 },
	{ title: "p99", cell: ([, { p99Ms }]) => ms(p99Ms), giveUp: 6 },
	{ title: "near", cell: ([, { nearShare }]) => `${Math.round(nearShare * 100)} %`, giveUp: 2 },
	{ title: "cost", cell: ([, { costMs }]) => ms(costMs) },
	{ title: "regret", cell: ([, { regretMs }]) => ms(regretMs), giveUp: 1 },
	{ title: "moves", cell: ([, { moves }]) => formatCount(moves), giveUp: 5 },
	{ title: "transfers", cell: ([, { transfers }]) => formatCount(transfers), giveUp: 8 },
];
/** Those that say most where there is no room for all. */
const COMPARED: readonly PolicyName[] = [
	PolicyName.StaticPartition,
	PolicyName.ReactiveHindsight,
	PolicyName.Predictive,
	PolicyName.Oracle,
];

/** How policies fared with partitions of similar activity: a table a class. Pure. */
export function renderActivity({ policies }: ReplayResult, width: number): readonly string[] {
	const present = POLICY_ORDER.filter((name) => policies[name] !== undefined);
	const shown = present.length <= COMPARED.length ? present : present.filter((name) => COMPARED.includes(name));
	const classes = policies[shown[0] ?? PolicyName.Oracle]?.byActivity ?? [];
	if (classes.length === 0) return [];
	const left = shown.length < present.length ? "; the others are in --html and --json" : "";
	return [
		...wrapText(`by how much a partition is used, in ms${left}`, width),
		...classes.flatMap((one) => {
			const rows = shown.flatMap((name): readonly Row<ClassFigures>[] => {
				const same = policies[name]?.byActivity.find(({ from }) => from === one.from);
				return same === undefined || same.accesses === 0 ? [] : [[name, same]];
			});
			const heading = `${describeClass(one)} accesses: ${formatCount(one.partitions)} partitions, ${formatCount(one.accesses)} accesses in all`;
			return ["", ...wrapText(heading, width), ...renderTextTable(CLASS_COLUMNS, rows, width)];
		}),
	];
}
