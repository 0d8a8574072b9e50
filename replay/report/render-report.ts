import { costIntervals } from "#replay/report/charts/cost-intervals.ts";
import { latencyOverTime } from "#replay/report/charts/latency-over-time.ts";
import { leadersByHour } from "#replay/report/charts/leaders-by-hour.ts";
import { partitionOutcomes } from "#replay/report/charts/outcomes.ts";
import { reliabilityDiagrams } from "#replay/report/charts/reliability.ts";
import { renderTable } from "#replay/report/figure.ts";
import { type Html, html } from "#replay/report/html.ts";
import { STYLE } from "#replay/report/style.ts";
import { activityTables, policyTable, settingsTable } from "#replay/report/tables.ts";
import type { ReplayResult } from "#replay/result/replay-result.ts";
import { daysBetween, formatDay } from "#replay/result/words.ts";

/** Nothing is fetched and nothing runs, whatever a log has put into the page. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** A replay's result as one page that needs nothing else: no script, no network. Pure. */
export function renderReport(result: ReplayResult): string {
	const { span, settings } = result;
	const activity = activityTables(result);
	return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Would it have helped? ${result.trace}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>Would it have helped?</h1>
<p class="what"><bdi>${result.trace}</bdi>, ${formatDay(span.fromMs)} to ${formatDay(span.toMs)}: ${result.accesses.toLocaleString("en-US")} accesses in the last ${daysBetween(span.scoredFromMs, span.toMs)} days (from ${formatDay(span.scoredFromMs)}) are scored, what came before ${settings.model === undefined ? "trains" : "fills the counts"}.</p>
</header>
<main>
<div class="verdict">${sentences(result.verdict).map((sentence) => html`<p>${sentence}</p>`)}</div>
${section("Policies", html`<div class="policies">${renderTable(policyTable(result))}</div>`)}
${section("What each costs", costIntervals(result))}
${section("Over time", latencyOverTime(result))}
${section("Who gains and who loses", partitionOutcomes(result))}
${section("By activity", activity.length === 0 ? undefined : html`${activity.map(renderTable)}`)}
${section("Where leaders are", leadersByHour(result))}
${section("How far the forecasts can be trusted", reliabilityDiagrams(result))}
${section("Settings", html`<div class="settings">${renderTable(settingsTable(result))}</div>`)}
</main>
</body>
</html>
`.text;
}

/** The verdict's sentences, each of which ends with a full stop. */
const sentences = (verdict: string): readonly string[] => verdict.split(/(?<=\.) (?=[A-Z])/);

/** A section, left out where there is nothing to show. */
const section = (title: string, content: Html | undefined): Html | undefined =>
	content === undefined ? undefined : html`<section><h2>${title}</h2>${content}</section>`;
