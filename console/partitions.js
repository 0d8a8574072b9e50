import { byId, setText } from "./dom.js";
import { linkColumn } from "./migrations.js";
import { createPager } from "./pager.js";
import { selectedPartition } from "./session.js";
import { createTable, Kind, textColumn } from "./table.js";
import { PHASES, wordFor } from "./words.js";

const PAGE = 25;
/** While somebody types. */
const SETTLE_MS = 250;

/** Pin, freeze and residency of a partition in words; empty when there is none. */
export const policyOf = ({ pin, frozen, residency }) =>
	[pin === undefined ? "" : `pinned to ${pin}`, frozen ? "frozen" : "", residency === undefined ? "" : `only in ${residency.join(", ")}`]
		.filter(Boolean)
		.join("; ");

/** The partitions, page by page. @param onChange is called when another page or filter is wanted */
export function createPartitions(onChange) {
	const show = createTable(
		byId("partitions"),
		[
			linkColumn(),
			textColumn("Leader", ({ leader }) => leader, Kind.Whole),
			textColumn("Followers", ({ followers }) => followers.join(", ")),
			textColumn("Epoch", ({ epoch }) => String(epoch), Kind.Number),
			textColumn("Phase", ({ phase }) => wordFor(PHASES, phase), Kind.Whole),
			textColumn("Policy", policyOf),
		],
		({ partition }) => partition,
	);
	const pager = createPager(byId("partition-pages"), { back: "Previous", forth: "Next" }, onChange);
	const prefix = filterInput(() => {
		pager.reset();
		onChange();
	});
	return {
		async load(get) {
			const asked = { prefix: prefix(), cursor: pager.cursor() };
			const page = await get("partitions", { ...asked, limit: PAGE });
			// overtaken: another page or filter is wanted by now, and will be asked for next
			if (asked.prefix !== prefix() || asked.cursor !== pager.cursor()) return;
			const selected = selectedPartition();
			show(page.partitions.map((record) => ({ ...record, selected: record.partition === selected })));
			pager.setNext(page.cursor);
			const empty = byId("no-partitions");
			empty.hidden = page.partitions.length > 0;
			setText(empty, emptyWords(asked, page));
		},
	};
}

function emptyWords({ prefix, cursor }, page) {
	if (page.cursor !== undefined) return "None found so far; Next goes on searching.";
	if (cursor !== undefined) return "There are no more.";
	if (prefix !== "") return `No partition begins with \u201c${prefix}\u201d.`;
	return "There is no partition yet. The first write to one creates it.";
}

/** Tells when the filter has changed; gives what it says. */
function filterInput(onFilter) {
	const input = byId("prefix");
	let applied = "";
	let timer;
	const apply = () => {
		clearTimeout(timer);
		if (input.value.trim() === applied) return;
		applied = input.value.trim();
		onFilter();
	};
	input.addEventListener("input", () => {
		clearTimeout(timer);
		timer = setTimeout(apply, SETTLE_MS);
	});
	byId("filter").addEventListener("submit", (event) => {
		event.preventDefault();
		apply();
	});
	return () => applied;
}
