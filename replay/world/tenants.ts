import { consumerHours, officeHours, type Profile, shift, wakingHours } from "#replay/world/activity.ts";
import { CITIES, type City } from "#replay/world/cities.ts";
import { launchLift, tripCity } from "#replay/world/stories.ts";

/** People who use a partition, from one city or from wherever they are. */
export interface Audience {
	/** Where they are at an instant. */
	readonly city: (seed: number, atMs: number) => City;
	readonly profile: Profile;
	/** Accesses an hour at the busiest. */
	readonly peakPerHour: number;
	/** Multiplies the rate at an instant. @default 1 */
	readonly lift?: (atMs: number, startMs: number) => number;
}

/** One partition of the demo world. */
export interface WorldPartition {
	readonly tenant: string;
	/** Encoded: tenant, colon, name. */
	readonly partition: string;
	/** Who sets it up, so that its first copy is where a person would have put it. */
	readonly founder: City;
	readonly audiences: readonly Audience[];
	/** Prefix of the regions that may hold it; absent: any. */
	readonly residencyPrefix?: string;
}

const at =
	(city: City): Audience["city"] =>
	() =>
		city;

const office = (city: City, peakPerHour: number, profile: Profile = officeHours): Audience => ({ city: at(city), profile, peakPerHour });

const traveller = (name: string, home: City): WorldPartition => ({
	tenant: "globex",
	partition: `globex:${name}`,
	founder: home,
	audiences: [{ city: (seed, atMs) => tripCity(seed, name, home, atMs), profile: wakingHours, peakPerHour: 3 }],
});

const shop = (name: string, peakPerHour: number): WorldPartition => ({
	tenant: "initech",
	partition: `initech:${name}`,
	founder: CITIES.newYork,
	audiences: [
		office(CITIES.newYork, peakPerHour, consumerHours),
		{
			city: at(CITIES.tokyo),
			profile: consumerHours,
			peakPerHour: peakPerHour / 10,
			lift: launchLift,
		},
	],
});

const clinic = (name: string, peakPerHour: number): WorldPartition => ({
	tenant: "umbrella",
	partition: `umbrella:${name}`,
	founder: CITIES.berlin,
	audiences: [office(CITIES.berlin, peakPerHour / 3), office(CITIES.newYork, peakPerHour)],
	residencyPrefix: "eu-",
});

/** Everybody in the demo world; docs/internals/demo-world.md tells their stories. */
export const WORLD: readonly WorldPartition[] = [
	{
		tenant: "acme",
		partition: "acme:support",
		founder: CITIES.london,
		audiences: [office(CITIES.london, 8, shift), office(CITIES.sanFrancisco, 8, shift), office(CITIES.tokyo, 8, shift)],
	},
	{
		tenant: "acme",
		partition: "acme:billing",
		founder: CITIES.newYork,
		audiences: [office(CITIES.newYork, 6), office(CITIES.london, 3)],
	},
	{
		tenant: "acme",
		partition: "acme:design",
		founder: CITIES.sanFrancisco,
		audiences: [office(CITIES.sanFrancisco, 3), office(CITIES.bengaluru, 6)],
	},
	traveller("alice", CITIES.newYork),
	traveller("bob", CITIES.london),
	traveller("chiyo", CITIES.tokyo),
	shop("catalog", 6),
	shop("checkout", 3),
	{
		tenant: "hooli",
		partition: "hooli:archive",
		founder: CITIES.sanFrancisco,
		audiences: [office(CITIES.sanFrancisco, 0.05)],
	},
	{
		tenant: "hooli",
		partition: "hooli:payroll",
		founder: CITIES.bengaluru,
		audiences: [office(CITIES.bengaluru, 0.1)],
	},
	clinic("records", 6),
	clinic("claims", 3),
];
