import { AIRPORT_COORDINATES } from "#domain/geography/airport-coordinates.ts";
import type { Coordinates } from "#domain/geography/regions.ts";

/** Codes of cities, and of airports that have closed, which name edge locations too; degrees to 0.1. */
const CITIES = "BJS:39.9,116.4 TXL:52.6,13.3 YTO:43.7,-79.4";

const places = new Map<string, Coordinates>(
	`${AIRPORT_COORDINATES} ${CITIES}`
		.trim()
		.split(/\s+/)
		.map((entry) => {
			const [latitude = Number.NaN, longitude = Number.NaN] = entry.slice(4).split(",").map(Number);
			return [entry.slice(0, 3), { latitude, longitude }];
		}),
);

/**
 * Where a CloudFront edge location is: its name begins with the IATA code of an airport near by (`FRA56-P4`, `SOF50-P2`). Undefined where
 * the code is not known.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
 */
export const locateEdge = (edgeLocation: string): Coordinates | undefined => places.get(edgeLocation.slice(0, 3).toUpperCase());

/** All codes that are known. */
export const edgeCodes = (): readonly string[] => [...places.keys()];
