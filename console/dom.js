/** Every text goes in as a text node: names of partitions are whatever a user has sent. */
export function element(tag, attributes = {}, ...children) {
	const node = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
	node.append(...children);
	return node;
}

/** @returns {HTMLElement} */
export function byId(id) {
	const node = document.getElementById(id);
	if (node === null) throw new Error(`index.html has no #${id}`);
	return node;
}

/** Leaves the node alone where nothing has changed, so that nothing flickers and no screen reader speaks. */
export function setText(node, text) {
	if (node.textContent !== text) node.textContent = text;
}

/** Sets or, for undefined, removes an attribute, if it is not so already. */
export function setAttribute(node, name, value) {
	if (value === undefined) node.removeAttribute(name);
	else if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

const updaters = new WeakMap();

/**
 * Makes the children of `parent` stand for `items`, in their order, keeping those that are there already and the focus.
 * @param create gives `{node, update}`; `update(item)` is called at once and at every later call
 */
export function syncChildren(parent, items, keyOf, create) {
	const focused = document.activeElement;
	const present = new Map([...parent.children].map((node) => [updaters.get(node).key, node]));
	const wanted = new Set(items.map(keyOf));
	for (const [key, node] of present) if (!wanted.has(key)) node.remove();
	for (const [index, item] of items.entries()) {
		const key = keyOf(item);
		const node = present.get(key) ?? createChild(key, item, create);
		if (parent.children[index] !== node) parent.insertBefore(node, parent.children[index] ?? null);
		updaters.get(node).update(item);
	}
	// a node that is moved loses the focus
	if (focused !== document.activeElement && parent.contains(focused)) focused.focus({ preventScroll: true });
}

function createChild(key, item, create) {
	const { node, update } = create(item);
	updaters.set(node, { key, update });
	return node;
}
