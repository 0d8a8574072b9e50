import { DateTime } from "luxon";

/** Where people of the demo world are. */
export interface City {
	readonly name: string;
	/** IANA time zone. */
	readonly zone: string;
	/** The AWS region nearest to it, deployed or not. */
	readonly region: string;
}

/** The cities of the demo world. */
export const CITIES = {
	sanFrancisco: { name: "San Francisco", zone: "America/Los_Angeles", region: "us-west-2" },
	newYork: { name: "New York", zone: "America/New_York", region: "us-east-1" },
	london: { name: "London", zone: "Europe/London", region: "eu-west-1" },
	berlin: { name: "Berlin", zone: "Europe/Berlin", region: "eu-central-1" },
	bengaluru: { name: "Bengaluru", zone: "Asia/Kolkata", region: "ap-south-1" },
	tokyo: { name: "Tokyo", zone: "Asia/Tokyo", region: "ap-northeast-1" },
} as const satisfies Record<string, City>;

/** The regions that the demo world is deployed in, unless others are asked for. */
export const DEMO_REGIONS: readonly string[] = ["us-east-1", "us-west-2", "eu-west-1", "ap-south-1", "ap-northeast-1"];

/** Hour of day 0..23 and ISO weekday 1 (Monday)..7 in a city, summer time included. */
export interface LocalTime {
	readonly hour: number;
	readonly weekday: number;
}

/** The wall clock in a city at an instant. */
export function localTimeIn(city: City, atMs: number): LocalTime {
	const { hour, weekday } = DateTime.fromMillis(atMs, { zone: city.zone });
	return { hour, weekday };
}
