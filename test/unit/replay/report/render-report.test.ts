import { describe, expect, it } from "vitest";
import { html } from "#replay/report/html.ts";
import { renderReport } from "#replay/report/render-report.ts";
import fc from "#test/__helpers__/fast-check.ts";
import { sampleResult } from "#test/unit/replay/report/sample.ts";
import { replayResult } from "#test/unit/replay/result/generated.ts";

/** Tags that the report itself uses; anything else in the page came from a log. */
const TAGS =
	/<\/?(?:html|head|meta|title|style|body|header|main|section|h1|h2|h4|p|div|span|bdi|table|caption|thead|tbody|tr|th|td|figure|figcaption|strong|details|summary|ul|ol|li|svg|symbol|use|path|line|circle|rect|text)\b[^<>]*>/g;

describe("the report", () => {
	it("holds nothing but its own markup, whatever was found", () => {
		fc.assert(
			fc.property(replayResult, (result) => {
				const page = renderReport(result);
				const rest = page
					.replace("<!doctype html>", "")
					.replace(/<style>.*?<\/style>/s, "")
					.replaceAll(TAGS, "");
				expect(/.{0,40}[<>].{0,40}/.exec(rest)).toBeNull();
				expect(/.{0,40}(?:NaN|undefined|\[object).{0,40}/.exec(page)).toBeNull();
			}),
			{ numRuns: 12 },
		);
	});

	it("asks nobody for anything and runs nothing", () => {
		const page = renderReport(sampleResult(["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>']));
		expect(/<script|<img|https?:\/\/|url\(|@import/.exec(page)).toBeNull();
		expect(page.includes("default-src &#39;none&#39;")).toBe(true);
	});

	it("tells every setting that changes the result", () => {
		const { settings, ...rest } = sampleResult();
		const over = {
			capacity: { "us-east-1": 7001 },
			copiesPerHour: 7002,
			objectBytes: 7003,
			prices: { asOf: "2024-07-13", source: "contract-7014", prices: { readUnit: { everywhere: 7.004 } } },
			events: ["launch-7005"],
			holidays: false,
			rttFile: "/matrix-7006.csv",
			from: "2022-07-07T00:00:00.000Z",
			to: "2023-07-08T00:00:00.000Z",
			partitionFrom: "host:7009",
			model: { name: "mine-7010", trained: { from: "2020-07-11T00:00:00.000Z", to: "2021-07-12T00:00:00.000Z" } },
		};
		const page = renderReport({ ...rest, settings: { ...settings, ...over } as typeof settings });
		for (const part of [
			"us-east-1 7,001",
			"7,002",
			"7,003 bytes",
			"7.004",
			"2024-07-13",
			"contract-7014",
			"launch-7005",
			"change no forecast",
			"/matrix-7006.csv",
			"2022-07-07",
			"2023-07-08",
			"host:7009",
			"mine-7010",
			"2020-07-11",
			"2021-07-12",
		])
			expect(page).toContain(part);
	});

	it("does not say that the log trains where a model was ready", () => {
		const { settings, ...rest } = sampleResult();
		expect(renderReport({ ...rest, settings })).toContain("what came before trains");
		expect(renderReport({ ...rest, settings: { ...settings, model: { name: "mine" } } })).not.toContain("trains.");
	});

	it("tells every figure by activity", () => {
		const page = renderReport(sampleResult());
		expect(page).toContain("<caption>10 to 99 accesses: 1,000 partitions, 18,000 accesses in all</caption>");
		expect(page).toMatch(/predictive<\/th>(<td>[^<]*<\/td>){4}<td>50\.0 %<\/td><td>41\.7<\/td><td>13\.5<\/td><td>203<\/td><td>3,078<\/td>/);
	});

	it("leaves out what was not replayed", () => {
		const { policies: _, ...rest } = sampleResult();
		const page = renderReport({ ...rest, policies: {}, forecast: {}, outcomes: [] });
		expect(/<figure|Who gains/.exec(page)).toBeNull();
		expect(page.includes("Settings and what was read")).toBe(true);
	});
});

describe("markup with values put in", () => {
	it("gives text back as it was, and never as markup", () => {
		fc.assert(
			fc.property(fc.string({ unit: "binary" }), (text) => {
				const { text: escaped } = html`${text}`;
				expect(escaped).not.toMatch(/[<>"']/);
				expect(escaped).not.toMatch(/&(?!amp;|lt;|gt;|quot;|#39;)/);
			}),
		);
	});

	it.each([
		[html`<b>${"a<b"}</b>`, "<b>a&lt;b</b>"],
		[html`${[html`<i>${1}</i>`, "x&y"]}`, "<i>1</i>x&amp;y"],
		[html`${Number.NaN}${undefined}${false}${2 / 3}`, "00.667"],
	])("puts parts together", ({ text }, expected) => expect(text).toBe(expected));
});
