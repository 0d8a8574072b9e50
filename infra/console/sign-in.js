import { UserManager, WebStorageStateStore } from "oidc-client-ts";
import { byId, setText } from "./dom.js";

// Stands in the place of console/sign-in.js on AWS: an OpenID Connect sign-in by authorization code with PKCE. The deployment writes
// config.json beside the page: {authority, clientId}.

const { authority, clientId } = await (await fetch("./config.json", { cache: "no-store" })).json();
const here = location.origin + location.pathname;
const manager = new UserManager({
	authority,
	client_id: clientId,
	redirect_uri: here,
	post_logout_redirect_uri: here,
	response_type: "code",
	scope: "openid",
	// Signed in for this tab, as long as the refresh token lasts
	userStore: new WebStorageStateStore({ store: sessionStorage }),
	automaticSilentRenew: true,
});
let user = null;
let problem = "";
manager.events.addUserLoaded((loaded) => {
	user = loaded;
});
manager.events.addUserUnloaded(() => {
	user = null;
});

try {
	user = await restore();
} catch (error) {
	problem = error.message;
}

/** Back from the sign-in page, its code is exchanged and taken out of the address; the place that was asked for is shown again. */
async function restore() {
	if (!/[?&](code|error)=/.test(location.search)) return manager.getUser();
	try {
		const signedIn = await manager.signinCallback();
		history.replaceState(null, "", here + (signedIn.state?.hash ?? ""));
		return signedIn;
	} finally {
		if (location.search !== "") history.replaceState(null, "", here);
	}
}

/** The access token of this tab; empty when there is none that is still good. */
export const readToken = () => (user === null || user.expired ? "" : user.access_token);

/** @param refused what is wrong with the token there is; empty when there is none */
export function askToSignIn(refused) {
	const said = refused || problem;
	setText(byId("sign-in-title"), "Sign in");
	setText(byId("sign-in-help"), "This console shows what a deployment does. Ask its operators for an account.");
	setText(byId("sign-in-problem"), said === "" ? "" : `This does not work: ${said}.`);
	for (const part of [byId("token"), document.querySelector("label[for=token]")]) part.hidden = true;
	byId("token").required = false;
	setText(byId("sign-in-button"), "Sign in");
	byId("sign-in").hidden = false;
	byId("sign-in-button").focus();
}

export function onSignedIn() {
	byId("sign-in").addEventListener("submit", (event) => {
		event.preventDefault();
		manager.signinRedirect({ state: { hash: location.hash } }).catch((error) => {
			problem = error.message;
			askToSignIn("");
		});
	});
}
