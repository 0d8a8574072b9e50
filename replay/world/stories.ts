import { CITIES, type City } from "#replay/world/cities.ts";
import { drawsOf, pick } from "#replay/world/draws.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Trips are planned in blocks of two weeks, each with at most one. */
const TRIP_BLOCK_DAYS = 14;
const TRIP_SHARE = 0.75;

/** Where a traveller is at an instant: at home, or three to eight days somewhere else. A function of seed, name and time alone. */
export function tripCity(seed: number, name: string, home: City, atMs: number): City {
	const day = Math.floor(atMs / DAY_MS);
	const block = Math.floor(day / TRIP_BLOCK_DAYS);
	const draw = drawsOf(`${seed}/trip/${name}/${block}`);
	if (draw() >= TRIP_SHARE) return home;
	const days = 3 + Math.floor(draw() * 6);
	const firstDay = block * TRIP_BLOCK_DAYS + Math.floor(draw() * (TRIP_BLOCK_DAYS - days));
	const destination = pick(
		Object.values(CITIES).filter((city) => city.name !== home.name),
		draw,
	);
	return day >= firstDay && day < firstDay + days ? destination : home;
}

/** The launch comes on day 9, and again every four weeks. */
const FIRST_LAUNCH_DAY = 9;
const LAUNCH_EVERY_DAYS = 28;
const LAUNCH_LIFT = 150;
/** The crowd shrinks to a third in this time. */
const LAUNCH_DECAY_HOURS = 18;

/** What a launch multiplies the accesses by: a crowd at once, gone after some days. `startMs` is the world's beginning. */
export function launchLift(atMs: number, startMs: number): number {
	const sinceFirstDays = (atMs - startMs) / DAY_MS - FIRST_LAUNCH_DAY;
	if (sinceFirstDays < 0) return 1;
	const hours = (sinceFirstDays % LAUNCH_EVERY_DAYS) * 24;
	return 1 + LAUNCH_LIFT * Math.exp(-hours / LAUNCH_DECAY_HOURS);
}
