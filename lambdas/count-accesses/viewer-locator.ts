import { createLocator } from "#domain/geography/locate.ts";
import type { RegionId } from "#domain/geography/region-id.ts";
import type { LocateViewer } from "#domain/prediction/access-record.ts";

/** The viewer's own region where the edge knew it, else the nearest to the country, else that of an edge named by region. */
export function viewerLocator(regions: readonly RegionId[]): LocateViewer {
	const locate = createLocator(regions);
	return ({ region, country, edgeLocation }) => {
		const viewer = locate({ ...(region === undefined ? {} : { region }), ...(country === undefined ? {} : { country }) });
		if (viewer.kind === "located") return viewer.region;
		const edge = locate(edgeLocation === undefined ? {} : { region: edgeLocation });
		return edge.kind === "located" ? edge.region : undefined;
	};
}
