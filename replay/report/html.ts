/** Markup that is safe to put into a page as it is. */
export class Html {
	readonly text: string;
	constructor(text: string) {
		this.text = text;
	}
}

type Part = Html | string | number | undefined | false | readonly Part[];

/**
 * Markup with values put in: text is escaped for elements and quoted attributes, markup is not, lists are joined, nothing is left out. What
 * comes from a log reaches the page only through here.
 */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html =>
	new Html(strings.map((text, index) => text + (index < parts.length ? render(parts[index]) : "")).join(""));

function render(part: Part): string {
	if (part instanceof Html) return part.text;
	if (part === undefined || part === false) return "";
	if (typeof part === "object") return part.map(render).join("");
	return typeof part === "number" ? escapeText(numberText(part)) : escapeText(part);
}

const numberText = (value: number): string => (Number.isFinite(value) ? String(Math.round(value * 1000) / 1000) : "0");

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Also takes out what no page may hold: control characters and halves of characters. */
function escapeText(text: string): string {
	return (
		text
			.toWellFormed()
			// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
			.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/g, "\ufffd")
			.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "")
	);
}

/** Style of a page, which has no values put in. */
export const trusted = (text: string): Html => new Html(text);
