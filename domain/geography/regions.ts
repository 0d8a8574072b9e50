import { type RegionId, regionId } from "#domain/geography/region-id.ts";

/** A point on the globe, in degrees. */
export interface Coordinates {
	/** -90..90, north positive. */
	readonly latitude: number;
	/** -180..180, east positive. */
	readonly longitude: number;
}

/** An AWS region and the city it is named after or known to be near. */
export interface Region extends Coordinates {
	readonly id: RegionId;
	readonly name: string;
	/** ISO 3166-1 alpha-2. */
	readonly country: string;
	/** IANA time zone of the city. */
	readonly zone: string;
}

const region = (id: string, name: string, country: string, latitude: number, longitude: number, zone: string): Region => ({
	id: regionId(id),
	name,
	country,
	latitude,
	longitude,
	zone,
});

/** The commercial AWS regions, by code. Coordinates are those of the city, to 0.01 degrees; data centres lie tens of km around. */
export const REGIONS: readonly Region[] = [
	region("af-south-1", "Cape Town", "ZA", -33.92, 18.42, "Africa/Johannesburg"),
	region("ap-east-1", "Hong Kong", "HK", 22.32, 114.17, "Asia/Hong_Kong"),
	region("ap-east-2", "Taipei", "TW", 25.03, 121.57, "Asia/Taipei"),
	region("ap-northeast-1", "Tokyo", "JP", 35.68, 139.69, "Asia/Tokyo"),
	region("ap-northeast-2", "Seoul", "KR", 37.57, 126.98, "Asia/Seoul"),
	region("ap-northeast-3", "Osaka", "JP", 34.69, 135.5, "Asia/Tokyo"),
	region("ap-south-1", "Mumbai", "IN", 19.08, 72.88, "Asia/Kolkata"),
	region("ap-south-2", "Hyderabad", "IN", 17.39, 78.49, "Asia/Kolkata"),
	region("ap-southeast-1", "Singapore", "SG", 1.35, 103.82, "Asia/Singapore"),
	region("ap-southeast-2", "Sydney", "AU", -33.87, 151.21, "Australia/Sydney"),
	region("ap-southeast-3", "Jakarta", "ID", -6.21, 106.85, "Asia/Jakarta"),
	region("ap-southeast-4", "Melbourne", "AU", -37.81, 144.96, "Australia/Melbourne"),
	region("ap-southeast-5", "Kuala Lumpur", "MY", 3.14, 101.69, "Asia/Kuala_Lumpur"),
	region("ap-southeast-6", "Auckland", "NZ", -36.85, 174.76, "Pacific/Auckland"),
	region("ap-southeast-7", "Bangkok", "TH", 13.76, 100.5, "Asia/Bangkok"),
	region("ca-central-1", "Montreal", "CA", 45.5, -73.57, "America/Toronto"),
	region("ca-west-1", "Calgary", "CA", 51.05, -114.07, "America/Edmonton"),
	region("eu-central-1", "Frankfurt", "DE", 50.11, 8.68, "Europe/Berlin"),
	region("eu-central-2", "Zurich", "CH", 47.38, 8.54, "Europe/Zurich"),
	region("eu-north-1", "Stockholm", "SE", 59.33, 18.07, "Europe/Stockholm"),
	region("eu-south-1", "Milan", "IT", 45.46, 9.19, "Europe/Rome"),
	region("eu-south-2", "Zaragoza", "ES", 41.65, -0.88, "Europe/Madrid"),
	region("eu-west-1", "Dublin", "IE", 53.35, -6.26, "Europe/Dublin"),
	region("eu-west-2", "London", "GB", 51.51, -0.13, "Europe/London"),
	region("eu-west-3", "Paris", "FR", 48.86, 2.35, "Europe/Paris"),
	region("il-central-1", "Tel Aviv", "IL", 32.08, 34.78, "Asia/Jerusalem"),
	region("me-central-1", "Dubai", "AE", 25.2, 55.27, "Asia/Dubai"),
	region("me-south-1", "Manama", "BH", 26.23, 50.59, "Asia/Bahrain"),
	region("mx-central-1", "Queretaro", "MX", 20.59, -100.39, "America/Mexico_City"),
	region("sa-east-1", "Sao Paulo", "BR", -23.55, -46.63, "America/Sao_Paulo"),
	region("us-east-1", "Ashburn", "US", 39.04, -77.49, "America/New_York"),
	region("us-east-2", "Columbus", "US", 39.96, -83, "America/New_York"),
	region("us-west-1", "San Jose", "US", 37.34, -121.89, "America/Los_Angeles"),
	region("us-west-2", "Boardman", "US", 45.84, -119.7, "America/Los_Angeles"),
];

const byId = new Map<string, Region>(REGIONS.map((entry) => [entry.id, entry]));

/** The region with this code, or undefined when the catalogue does not know it. */
export const findRegion = (id: string): Region | undefined => byId.get(id);
