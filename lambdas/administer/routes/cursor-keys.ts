import type { CursorKeyView } from "#domain/ports/cursor-keys.ts";
import { type AdminResponse, answer } from "#lambdas/administer/http.ts";
import type { Route } from "#lambdas/administer/router.ts";

const shown = (keys: readonly CursorKeyView[]): AdminResponse =>
	answer(200, {
		cursorKeys: keys.map(({ id, madeAtMs, acceptedUntilMs }) => ({
			id,
			state: acceptedUntilMs === undefined ? "current" : "previous",
			...(madeAtMs === undefined ? {} : { madeAt: new Date(madeAtMs).toISOString() }),
			...(acceptedUntilMs === undefined ? {} : { acceptedUntil: new Date(acceptedUntilMs).toISOString() }),
		})),
	});

/** The keys of list cursors, by names that do not tell them. `rotate` makes a new one, `clear` refuses those before it. */
export const CURSOR_KEY_ROUTES: readonly Route[] = [
	{ method: "GET", pattern: "cursor-keys", handle: async ({ cursorKeys }) => shown(await cursorKeys.list()) },
	{ method: "POST", pattern: "cursor-keys/rotate", handle: async ({ cursorKeys }) => shown(await cursorKeys.rotate()) },
	{ method: "POST", pattern: "cursor-keys/clear", handle: async ({ cursorKeys }) => shown(await cursorKeys.clear()) },
];
