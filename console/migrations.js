import { byId, element, setAttribute, setText } from "./dom.js";
import { linkTo } from "./session.js";
import { createTable, Kind, textColumn } from "./table.js";
import { formatTime, RETURNS, STAGES, STATES, wordFor } from "./words.js";

const UNDER_WAY = 50;
const RECENT = 10;
const STAGE_NAMES = Object.keys(STAGES);

/** Migrations under way and the latest that have ended. */
export function createMigrations() {
	const show = createTable(
		byId("migrations"),
		[
			linkColumn(),
			textColumn("From, to", ({ source, target }) => `${source ?? "?"} \u2192 ${target ?? "?"}`, Kind.Whole),
			textColumn("State", stateOf),
			railColumn(),
			textColumn("Started (UTC)", ({ startedAt }) => formatTime(startedAt), Kind.Whole),
			textColumn("Asked for by", ({ requestedBy }) => requestedBy ?? "?"),
		],
		({ migrationId }) => migrationId,
	);
	explainStages();
	let known = "";
	let ended = [];
	return {
		async load(get, { migrations: counts }) {
			const { migrations: running } = await get("migrations", { state: "running", limit: UNDER_WAY });
			// what has ended changes only when a count does
			if (JSON.stringify(counts) !== known) ended = await readEnded(get);
			known = JSON.stringify(counts);
			const shown = new Set(running.map(({ migrationId }) => migrationId));
			const all = [...running, ...ended.filter(({ migrationId }) => !shown.has(migrationId))];
			show(all);
			byId("no-migrations").hidden = all.length > 0;
		},
	};
}

async function readEnded(get) {
	const all = [];
	for (const state of Object.keys(STATES)) {
		if (state === "running") continue;
		const { migrations } = await get("migrations", { state, limit: RECENT });
		all.push(...migrations);
	}
	return all.sort((a, b) => (b.endedAt ?? "").localeCompare(a.endedAt ?? "")).slice(0, RECENT);
}

/** The reason without the name of the error that brought it. */
const stateOf = ({ state, reason }) =>
	reason === undefined ? wordFor(STATES, state) : `${wordFor(STATES, state)}: ${reason.replace(/^\w+Error: /, "")}`;

/** A link to the partition of the row. */
export function linkColumn() {
	return {
		label: "Partition",
		kind: Kind.Text,
		build: (cell) => {
			const link = element("a", { class: "name" });
			cell.append(link);
			return ({ partition, selected }) => {
				setText(link, partition);
				setAttribute(link, "href", linkTo(partition));
				setAttribute(link, "aria-current", selected ? "true" : undefined);
			};
		},
	};
}

/** Plan -> ... -> Settle, filled up to the stage that ran last. */
function railColumn() {
	return {
		label: "Last stage, Plan \u2192 Settle",
		kind: Kind.Text,
		build: (cell) => {
			const steps = STAGE_NAMES.map((stage) => element("span", { title: stage }));
			const rail = element("span", { class: "rail", "aria-hidden": "true" }, ...steps);
			const words = element("span", { class: "rail-words" });
			cell.append(rail, words);
			return ({ state, stage }) => {
				const reached = state === "completed" ? STAGE_NAMES.length - 1 : STAGE_NAMES.indexOf(stage);
				setAttribute(rail, "data-state", stage in RETURNS ? "back" : state);
				for (const [index, step] of steps.entries()) setAttribute(step, "class", stepClass(index, reached, state));
				setText(words, reached < 0 ? stage : `${stage}, ${reached + 1} of ${STAGE_NAMES.length}`);
			};
		},
	};
}

function stepClass(index, reached, state) {
	if (index === reached && state === "running") return "here";
	return index <= reached ? "done" : "open";
}

function explainStages() {
	const item = ([stage, words]) => element("li", {}, element("b", {}, stage), ` ${words}`);
	byId("stage-words").append(...Object.entries(STAGES).map(item));
	byId("return-words").append(...Object.entries(RETURNS).map(item));
}
