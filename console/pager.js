import { element, setText } from "./dom.js";

/**
 * Steps through pages by cursor. A cursor only leads on, so those of the pages before are remembered.
 * @param onChange is called when another page is wanted
 */
export function createPager(nav, { back, forth }, onChange) {
	let cursors = [undefined];
	let next;
	const previous = element("button", { type: "button" }, back);
	const following = element("button", { type: "button" }, forth);
	const place = element("span", { class: "quiet" });
	nav.append(previous, place, following);

	const step = (change) => {
		change();
		next = undefined;
		show();
		onChange();
	};
	const show = () => {
		setText(place, `page ${cursors.length}`);
		nav.hidden = cursors.length === 1 && next === undefined;
		// not `disabled`, which would throw a keyboard's focus away
		previous.setAttribute("aria-disabled", String(cursors.length === 1));
		following.setAttribute("aria-disabled", String(next === undefined));
	};
	previous.addEventListener("click", () => cursors.length > 1 && step(() => cursors.pop()));
	following.addEventListener("click", () => next !== undefined && step(() => cursors.push(next)));
	show();

	return {
		/** Where the page shown begins; undefined for the first. */
		cursor: () => cursors.at(-1),
		/** What the answer said about a page after this one. */
		setNext: (cursor) => {
			next = cursor;
			show();
		},
		reset: () => {
			cursors = [undefined];
			next = undefined;
			show();
		},
	};
}
