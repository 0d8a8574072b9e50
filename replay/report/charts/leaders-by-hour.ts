import { scaleSqrt } from "d3-scale";
import type { RegionId } from "#domain/geography/region-id.ts";
import { findRegion } from "#domain/geography/regions.ts";
import { renderFigure } from "#replay/report/figure.ts";
import { type Html, html } from "#replay/report/html.ts";
import { LAND_PATH } from "#replay/report/land.ts";
import { PolicyName, type PolicyResult, type ReplayResult } from "#replay/result/replay-result.ts";
import { POLICY_TITLES } from "#replay/result/words.ts";

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
/** Whose leaders are worth seeing: the first that was replayed. */
const OF_INTEREST = [
	PolicyName.Predictive,
	PolicyName.Reactive,
	PolicyName.ReactiveHindsight,
	PolicyName.Oracle,
	PolicyName.StaticPartition,
] as const;
/** Map units are degrees from the upper left corner; the far south has no region. */
const VIEW = "0 12 360 138";

type Leaders = PolicyResult["leadersByHour"];

/** Where the leaders were at each hour of the day, a small map an hour. */
export function leadersByHour({ policies }: ReplayResult): Html | undefined {
	const name = OF_INTEREST.find((policy) => Object.keys(policies[policy]?.leadersByHour ?? {}).length > 0);
	const leaders = name === undefined ? undefined : policies[name]?.leadersByHour;
	if (name === undefined || leaders === undefined) return undefined;
	const regions = (Object.keys(leaders) as RegionId[]).sort();
	return renderFigure({
		title: "Leaders by hour of the day",
		words: `Policy: ${POLICY_TITLES[name]}. The area of a circle is the share of the accesses of that hour (UTC) whose leader was in the region.`,
		drawing: html`<svg width="0" height="0" aria-hidden="true" class="hidden"><symbol id="land" viewBox="${VIEW}"><path d="${LAND_PATH}"/></symbol></svg><ol class="maps">${HOURS.map((hour) => drawMap(hour, leaders, regions))}</ol>`,
		table: {
			caption: "Share of accesses by hour of the day (UTC) and region of the leader, per cent",
			columns: ["hour", ...regions],
			rows: HOURS.map((hour) => [label(hour), ...regions.map((region) => percent(leaders[region]?.[hour] ?? 0))]),
		},
	});
}

function drawMap(hour: number, leaders: Leaders, regions: readonly RegionId[]): Html {
	const radius = scaleSqrt([0, 1], [0, 40]).clamp(true);
	const shares = regions.map((region) => ({ region, share: leaders[region]?.[hour] ?? 0 })).filter(({ share }) => share > 0);
	shares.sort((a, b) => b.share - a.share);
	const words = shares
		.slice(0, 3)
		.map(({ region, share }) => `${region} ${percent(share)}`)
		.join(", ");
	return html`<li><svg viewBox="${VIEW}" role="img" aria-label="${label(hour)}: ${words === "" ? "no access" : words}"><use href="#land" class="land" x="0" y="12" width="360" height="138"/>${shares.map(
		({ region, share }) => {
			const place = findRegion(region);
			return (
				place !== undefined &&
				html`<circle class="c6 area" cx="${place.longitude + 180}" cy="${90 - place.latitude}" r="${Math.max(2, radius(share))}"><title>${region} ${percent(share)}</title></circle>`
			);
		},
	)}</svg><span>${label(hour)}</span></li>`;
}

const label = (hour: number): string => `${String(hour).padStart(2, "0")}:00`;
const percent = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
