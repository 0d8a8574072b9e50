const KEY = "heliotrope-admin-token";

/** The token of this tab; empty when there is none. A token in the address (`#token=`) is taken over and removed from it. */
export function readToken() {
	const fragment = new URLSearchParams(location.hash.slice(1));
	const given = fragment.get("token");
	if (given !== null) {
		sessionStorage.setItem(KEY, given);
		fragment.delete("token");
		const rest = fragment.toString();
		history.replaceState(null, "", location.pathname + location.search + (rest === "" ? "" : `#${rest}`));
	}
	return sessionStorage.getItem(KEY) ?? "";
}

export const keepToken = (token) => sessionStorage.setItem(KEY, token);

/** The partition that the address selects, or undefined. */
export const selectedPartition = () => new URLSearchParams(location.hash.slice(1)).get("partition") ?? undefined;

/** A link that selects a partition. */
export const linkTo = (partition) => `#${new URLSearchParams({ partition })}`;
