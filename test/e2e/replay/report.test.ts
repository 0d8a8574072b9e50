import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderReport } from "#replay/report/render-report.ts";
import { browserAvailable, browserNote, launchBrowser } from "#test/e2e/console/browser.ts";
import { sampleResult } from "#test/unit/replay/report/sample.ts";

/** Names that run, break out of where they stand, turn text around or overflow, where anything lets them. */
const HOSTILE = [
	"<script>document.title='run'</script>",
	'"><img src=x onerror="document.title=\'run\'">',
	"'><svg onload=document.title='run'>",
	"</style><script>document.title='run'</script>",
	"</bdi></th><h1>injected</h1>",
	"javascript:document.title='run'",
	"\u202Egnp.exe",
	"\u0000\u001b[2J\uD800",
	"&lt;b&gt;",
	"long".repeat(60),
];

/** More than the page has places to stop at. */
const MAX_STOPS = 60;

describe.skipIf(!browserAvailable)(`the report ${browserNote}`, () => {
	const folder = mkdtempSync(join(tmpdir(), "heliotrope-report-"));
	let browser: Browser;

	beforeAll(async () => {
		browser = await launchBrowser();
	});
	afterAll(async () => {
		await browser?.close();
		rmSync(folder, { recursive: true, force: true });
	});

	async function open(
		partitions: readonly string[],
		trace?: string,
		width = 1200,
	): Promise<{ page: Page; requests: string[]; faults: string[] }> {
		const file = join(folder, "report.html");
		writeFileSync(file, renderReport(sampleResult(partitions, trace)));
		const page = await browser.newPage({ viewport: { width, height: 800 } });
		const requests: string[] = [];
		const faults: string[] = [];
		page.on("request", (request) => requests.push(request.url()));
		page.on("console", (message) => faults.push(message.text()));
		page.on("pageerror", (error) => faults.push(error.message));
		await page.goto(pathToFileURL(file).href);
		return { page, requests, faults };
	}

	it("shows hostile names as text, and runs, fetches and breaks nothing", async () => {
		const trace = "<script>document.title='run'</script>.csv";
		const { page, requests, faults } = await open(HOSTILE, trace);
		expect(await page.title()).toBe(`Would it have helped? ${trace}`);
		expect(await page.locator("script, img, h1").count()).toBe(1);
		const shown = await page.locator(".outcomes bdi").allTextContents();
		for (const name of HOSTILE.slice(0, 6)) expect(shown).toContain(name);
		expect(requests).toHaveLength(1);
		expect(faults).toEqual([]);
		await page.close();
	});

	it("can be read on a phone: nothing but tables and drawings is wider than the screen", async () => {
		const { page } = await open(HOSTILE, undefined, 360);
		const wider = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
		expect(wider).toBe(0);
		await page.close();
	});

	it("can be read with the keyboard: every table and drawing that scrolls takes the focus, every unfolded one opens", async () => {
		const { page } = await open(["a", "b", "c"]);
		const folded = await page.locator("details").count();
		const seen = new Set<string>();
		for (let stop = 0; stop < MAX_STOPS; stop += 1) {
			await page.keyboard.press("Tab");
			const focused = await page.evaluate<string>("document.activeElement.tagName + ' ' + document.activeElement.textContent.slice(0, 60)");
			if (focused.startsWith("BODY")) break;
			seen.add(focused);
			if (focused.startsWith("SUMMARY")) await page.keyboard.press("Space");
		}
		expect([...seen].filter((text) => text.startsWith("SUMMARY"))).toHaveLength(folded);
		expect(await page.locator("details[open] table").count()).toBe(folded);
		await page.close();
	});

	it("gives every table a caption and headings, and every drawing words", async () => {
		const { page } = await open(["a"]);
		const bare = await page.evaluate(`({
			tables: [...document.querySelectorAll("table")].filter((table) => !table.caption || !table.querySelector("th[scope=col]")).length,
			drawings: [...document.querySelectorAll("svg")].filter((svg) => !svg.hasAttribute("aria-label") && svg.getAttribute("aria-hidden") !== "true").length,
		})`);
		expect(bare).toEqual({ tables: 0, drawings: 0 });
		await page.close();
	});
});
