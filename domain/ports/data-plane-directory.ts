import type { RegionId } from "#domain/geography/region-id.ts";

/** Where each region's data plane is. */
export interface DataPlaneDirectory {
	/** Base URL without a trailing slash; undefined while the region has none. @throws UnavailableError when nothing was ever learned */
	urlOf(region: RegionId): Promise<string | undefined>;
	/** All that are known, by region. @throws UnavailableError */
	all(): Promise<Readonly<Record<string, string>>>;
}
