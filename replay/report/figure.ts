import { type Html, html } from "#replay/report/html.ts";

/** A table of text, the first cell of each row is its heading. */
export interface DataTable {
	readonly caption: string;
	readonly columns: readonly string[];
	readonly rows: readonly (readonly (string | Html)[])[];
}

/** A table that can be scrolled with the keyboard where it is wider than the screen. */
export const renderTable = ({ caption, columns, rows }: DataTable): Html => html`
<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table>
<caption>${caption}</caption>
<thead><tr>${columns.map((title) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>${rows.map(([first, ...rest]) => html`<tr><th scope="row">${first}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody>
</table></div>`;

/** A drawing with a title, what it shows in words, and its numbers to unfold. */
export const renderFigure = (figure: {
	readonly title: string;
	readonly words: string;
	readonly drawing: Html;
	readonly table: DataTable;
}): Html => html`
<figure>
<figcaption><strong>${figure.title}</strong> ${figure.words}</figcaption>
<div class="drawing scroll" role="region" aria-label="${figure.title}" tabindex="0">${figure.drawing}</div>
<details><summary>${figure.title}: the numbers</summary>${renderTable(figure.table)}</details>
</figure>`;
