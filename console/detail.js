import { byId, element, setText, syncChildren } from "./dom.js";
import { barColumn } from "./overview.js";
import { createPager } from "./pager.js";
import { policyOf } from "./partitions.js";
import { selectedPartition } from "./session.js";
import { createTable, Kind, textColumn } from "./table.js";
import { explain, formatExpected, formatHours, formatMs, formatShare, formatTime, PHASES, verdictOf, wordFor } from "./words.js";

const PAGE = 10;

/** What is known of the selected partition: its record, forecasts and decisions. @param onChange is called when another page is wanted */
export function createDetail(onChange) {
	const showDecisions = createTable(byId("decisions"), DECISION_COLUMNS, ({ decisionId }) => decisionId);
	const pager = createPager(byId("decision-pages"), { back: "Newer", forth: "Older" }, onChange);
	let shown;
	const select = () => {
		const partition = selectedPartition();
		if (partition !== shown) pager.reset();
		shown = partition;
		byId("detail").hidden = partition === undefined;
		byId("browse").classList.toggle("has-detail", partition !== undefined);
		return partition;
	};
	return {
		async load(get) {
			const partition = select();
			if (partition === undefined) return;
			setText(byId("detail-title"), partition);
			const cursor = pager.cursor();
			const answers = await read(get, partition, cursor);
			if (partition !== selectedPartition() || cursor !== pager.cursor()) return;
			showFacts(answers.record);
			showForecasts(answers.predictions);
			showDecisions(answers.decisions);
			byId("no-decisions").hidden = answers.decisions.length > 0;
			pager.setNext(answers.cursor);
		},
	};
}

async function read(get, partition, cursor) {
	const path = `partitions/${encodeURIComponent(partition)}`;
	const record = await get(path);
	if (record === undefined) return { record, predictions: [], decisions: [] };
	const predictions = (await get(`${path}/prediction`))?.predictions ?? [];
	return { record, predictions, ...(await get(`${path}/decisions`, { limit: PAGE, cursor })) };
}

const DECISION_COLUMNS = [
	textColumn("Decided (UTC)", ({ decidedAt }) => formatTime(decidedAt), Kind.Whole),
	textColumn("Verdict", verdictOf),
	textColumn("Why", explain),
	textColumn("Expected accesses", ({ forecast }) => (forecast === undefined ? "" : expectationOf(forecast)), Kind.Number),
	textColumn("Saving an access", ({ savingMs }) => (savingMs === undefined ? "" : formatMs(savingMs)), Kind.Number),
];

const expectationOf = ({ expectedAccesses, windowHours }) => `${formatExpected(expectedAccesses)} in ${formatHours(windowHours)}`;

function showFacts(record) {
	const facts = record === undefined ? [["State", "There is no partition of this name."]] : factsOf(record);
	syncChildren(
		byId("detail-facts"),
		facts,
		([label]) => label,
		([label]) => {
			const value = element("dd");
			return { node: element("div", {}, element("dt", {}, label), value), update: ([, text]) => setText(value, text) };
		},
	);
}

const factsOf = (record) => [
	["Leader", `${record.leader}, since ${formatTime(record.leaderSinceMs)}`],
	["Followers", record.followers.join(", ") || "none"],
	["Phase", wordFor(PHASES, record.phase)],
	["Epoch", String(record.epoch)],
	["Policy", policyOf(record) || "none"],
	...(record.canary === undefined ? [] : [["Canary", `${formatShare(record.canary.weight)} of the clients to ${record.canary.target}`]]),
	...(record.segment === undefined ? [] : [["Segment", record.segment]]),
];

function showForecasts(predictions) {
	byId("no-forecast").hidden = predictions.length > 0;
	syncChildren(byId("forecasts"), predictions, ({ windowHours }) => windowHours, createForecast);
}

function createForecast() {
	const words = element("caption");
	const table = element("table", { class: "forecast" }, words);
	const show = createTable(
		table,
		[
			textColumn("Region", ({ region }) => region, Kind.Whole),
			textColumn("Share of accesses", ({ text }) => text, Kind.Number),
			barColumn(),
		],
		({ region }) => region,
	);
	return {
		node: table,
		update: (vector) => {
			setText(words, `Next ${formatHours(vector.windowHours)}: ${formatExpected(vector.expectedAccesses)} accesses expected, from`);
			show(sharesOf(vector));
		},
	};
}

/** The likeliest region first. */
const sharesOf = ({ regions, probabilities }) =>
	regions
		.map((region, index) => ({ region, share: probabilities[index], text: formatShare(probabilities[index]) }))
		.sort((a, b) => b.share - a.share);
