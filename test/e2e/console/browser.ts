import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Where Debian and Ubuntu put it. */
const EXECUTABLE = "/usr/bin/chromium";

export const browserAvailable = existsSync(EXECUTABLE);

/** For the title of a suite, so that a skipped one says why. */
export const browserNote = browserAvailable ? "in a browser" : `in a browser, skipped without ${EXECUTABLE}`;

/** A browser that talks to nobody but the page's server. */
export const launchBrowser = (): Promise<Browser> =>
	chromium.launch({
		executablePath: EXECUTABLE,
		args: [
			"--headless",
			"--no-sandbox",
			"--disable-gpu",
			"--disable-quic",
			"--no-first-run",
			"--disable-background-networking",
			"--disable-component-update",
			"--disable-sync",
		],
	});
