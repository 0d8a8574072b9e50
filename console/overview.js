import { byId, element, setText, syncChildren } from "./dom.js";
import { createTable, Kind, textColumn } from "./table.js";
import { formatCount, formatTime, STATES } from "./words.js";

const noteOf = ({ control, frozen }) => [control ? "control region" : "", frozen ? "frozen" : ""].filter(Boolean).join(", ");

/** Regions with what they lead, and the totals. */
export function createOverview() {
	const showRegions = createTable(
		byId("regions"),
		[
			textColumn("Region", ({ id }) => id, Kind.Whole),
			textColumn("Leads", ({ leads }) => leads, Kind.Number),
			barColumn(),
			textColumn("Note", noteOf),
		],
		({ id }) => id,
	);
	return {
		async load(get) {
			const summary = await get("summary");
			const { regions } = await get("regions");
			setText(byId("cloud-time"), `cloud time ${formatTime(summary.now)} UTC`);
			showRegions(regions.map((region) => withLeads(region, summary)));
			showTotals(totalsOf(summary));
			return summary;
		},
	};
}

function withLeads(region, { partitions, leaders }) {
	const leads = leaders[region.id] ?? 0;
	return { ...region, leads: formatCount(leads), share: partitions === 0 ? 0 : leads / partitions };
}

const totalsOf = ({ partitions, decisions, migrations }) => [
	["partitions", partitions],
	["decisions", decisions],
	...Object.entries(STATES).map(([state, words]) => [`migrations ${words}`, migrations[state] ?? 0]),
];

function showTotals(totals) {
	syncChildren(
		byId("totals"),
		totals,
		([label]) => label,
		([label]) => {
			const value = element("dd");
			return { node: element("div", {}, element("dt", {}, label), value), update: ([, count]) => setText(value, formatCount(count)) };
		},
	);
}

/** A bar for `share` (0..1); the number beside it says the same, so it is hidden from screen readers. */
export function barColumn() {
	return {
		label: "",
		kind: Kind.Text,
		build: (cell) => {
			const fill = element("span");
			cell.append(element("span", { class: "bar", "aria-hidden": "true" }, fill));
			cell.classList.add("bar-cell");
			return ({ share }) => {
				fill.style.inlineSize = `${(share * 100).toFixed(1)}%`;
			};
		},
	};
}
