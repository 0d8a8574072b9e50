import { byId, setText } from "./dom.js";

// Signing in to a cloud on this machine, by its admin token. On AWS, infra/console/sign-in.js stands in this file's place.

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

/** Shows how to sign in. @param problem what is wrong with the token there is; empty when there is none */
export function askToSignIn(problem) {
	byId("sign-in").hidden = false;
	setText(byId("sign-in-problem"), problem === "" ? "" : `This does not work: ${problem}.`);
	byId("token").focus();
}

/** @param again is called when there is a token to try */
export function onSignedIn(again) {
	byId("sign-in").addEventListener("submit", (event) => {
		event.preventDefault();
		const input = byId("token");
		sessionStorage.setItem(KEY, input.value.trim());
		input.value = "";
		again();
	});
}
