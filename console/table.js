import { element, setText, syncChildren } from "./dom.js";

/** How the cells of a column are set; names of classes in style.css. */
export const Kind = { Text: "text", Number: "number", Whole: "whole" };

/** A column of text: running text, a number, or short words that are not broken over lines. */
export const textColumn = (label, textOf, kind = Kind.Text) => ({
	label,
	kind,
	build: (cell) => (item) => setText(cell, textOf(item)),
});

/**
 * Makes an empty table of the page one that shows items; the first column names the row. Roles are set because narrow screens show rows
 * as blocks, and some browsers then forget that it is a table.
 *
 * @param columns `build(cell)` lays out a cell once and gives what fills it for an item
 * @returns shows these items, keeping rows that are there already
 */
export function createTable(table, columns, keyOf) {
	const headers = columns.map(({ label, kind }) => element("th", { scope: "col", role: "columnheader", class: kind }, label));
	const body = element("tbody", { role: "rowgroup" });
	table.setAttribute("role", "table");
	table.append(element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, ...headers)), body);
	return (items) => {
		table.hidden = items.length === 0;
		syncChildren(body, items, keyOf, () => createRow(columns));
	};
}

function createRow(columns) {
	const cells = columns.map(({ label, kind }, index) =>
		index === 0
			? element("th", { scope: "row", role: "rowheader", class: kind, "data-label": label })
			: element("td", { role: "cell", "data-label": label, class: kind }),
	);
	const fill = columns.map(({ build }, index) => build(cells[index]));
	return {
		node: element("tr", { role: "row" }, ...cells),
		update: (item) => {
			for (const fillCell of fill) fillCell(item);
		},
	};
}
