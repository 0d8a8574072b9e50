import { CloudError, createApi, TokenError } from "./api.js";
import { createDetail } from "./detail.js";
import { byId, setAttribute, setText } from "./dom.js";
import { createMigrations } from "./migrations.js";
import { createOverview } from "./overview.js";
import { createPartitions } from "./partitions.js";
import { createRefresher } from "./refresher.js";
import { linkTo, selectedPartition } from "./session.js";
import { askToSignIn, onSignedIn, readToken } from "./sign-in.js";

const get = createApi(readToken);
const refresher = createRefresher(load, settle);
const overview = createOverview();
const migrations = createMigrations();
const partitions = createPartitions(refresher.now);
const detail = createDetail(refresher.now);
/** When the cloud last answered everything, by this machine's clock. */
let answeredAt;

async function load() {
	if (readToken() === "") throw new TokenError("");
	const summary = await overview.load(get);
	await migrations.load(get, summary);
	await partitions.load(get);
	await detail.load(get);
}

/** What the page says about the last attempt; whether to go on. */
function settle(error) {
	if (error instanceof TokenError) return askForToken(error.message);
	if (error === undefined) return succeed();
	if (!(error instanceof CloudError)) console.error(error);
	say("lost", `${error instanceof CloudError ? `Cloud not reachable: ${error.message}` : "The console failed"}. ${staleWords()}`);
	return true;
}

function succeed() {
	answeredAt = new Date();
	byId("sign-in").hidden = true;
	byId("views").hidden = false;
	say("live", "Live");
	return true;
}

/** The time does not run on: a text that changed every second would be read out every second. */
const staleWords = () =>
	answeredAt === undefined ? "Trying again." : `This is how things were at ${answeredAt.toLocaleTimeString()}. Trying again.`;

function say(state, words) {
	const status = byId("status");
	setAttribute(status, "data-state", state);
	setText(status, words);
}

function askForToken(problem) {
	byId("views").hidden = true;
	say("closed", "Not signed in");
	askToSignIn(problem);
	return false;
}

onSignedIn(refresher.now);

/** Follows the address: the focus goes to what has been opened, and back to its link when it is closed. */
let opened = selectedPartition();
window.addEventListener("hashchange", async () => {
	readToken();
	const closed = opened;
	opened = selectedPartition();
	await refresher.now();
	if (opened !== undefined) byId("detail-title").focus();
	else if (closed !== undefined) document.querySelector(`#partitions a[href="${CSS.escape(linkTo(closed))}"]`)?.focus();
});

// followed by hand: the address says which partition is open
document.querySelector(".skip")?.addEventListener("click", (event) => {
	event.preventDefault();
	byId("content").focus();
});

document.addEventListener("visibilitychange", () => {
	if (!document.hidden) refresher.now();
});

refresher.now();
