import { type Html, html } from "#replay/report/html.ts";
import { PolicyName } from "#replay/result/replay-result.ts";
import { POLICY_TITLES } from "#replay/result/words.ts";

/** Colours are classes of the style sheet; dashes tell lines apart where colours do not. */
const STYLES: Readonly<Record<PolicyName, { readonly css: string; readonly dash: string }>> = {
	[PolicyName.StaticRegion]: { css: "c1", dash: "2 3" },
	[PolicyName.StaticPartition]: { css: "c2", dash: "7 3" },
	[PolicyName.FullReplication]: { css: "c3", dash: "1 4" },
	[PolicyName.Reactive]: { css: "c4", dash: "9 3 2 3" },
	[PolicyName.ReactiveHindsight]: { css: "c5", dash: "4 2" },
	[PolicyName.Predictive]: { css: "c6", dash: "" },
	[PolicyName.Oracle]: { css: "c7", dash: "1 2" },
};

export const cssOf = (policy: PolicyName): string => STYLES[policy].css;
export const dashOf = (policy: PolicyName): string => STYLES[policy].dash;

/** The policies with their lines. */
export const renderLegend = (policies: readonly PolicyName[]): Html =>
	html`<ul class="legend">${policies.map(
		(policy) =>
			html`<li><svg width="34" height="10" aria-hidden="true"><line class="${cssOf(policy)} line" stroke-dasharray="${dashOf(policy)}" x1="1" x2="33" y1="5" y2="5"/></svg> ${POLICY_TITLES[policy]}</li>`,
	)}</ul>`;
