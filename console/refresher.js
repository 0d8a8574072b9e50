const EVERY_MS = 2000;

/**
 * Runs `load` now and two seconds after it has ended, one at a time; not while nobody looks.
 * @param settle gets the error, or undefined; says whether to go on
 */
export function createRefresher(load, settle) {
	let timer;
	let running;
	let again = false;

	const run = async () => {
		let goOn = true;
		do {
			again = false;
			goOn = settle(await load().then(none, (error) => error));
		} while (again);
		running = undefined;
		if (goOn) timer = setTimeout(tick, EVERY_MS);
	};
	const now = () => {
		clearTimeout(timer);
		if (running === undefined) running = run();
		else again = true;
		return running;
	};
	const tick = () => {
		// `visibilitychange` begins again
		if (!document.hidden) now();
	};
	/** Loads at once, or once more when a load is under way; resolves when the newest has been shown. */
	return { now };
}

const none = () => undefined;
