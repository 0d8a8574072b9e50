import { readdirSync } from "node:fs";
import { request } from "node:http";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { engineAvailable } from "#test/__helpers__/engine.ts";
import { browserAvailable, browserNote, launchBrowser } from "#test/e2e/console/browser.ts";
import { type ConsoleWorld, startConsoleWorld } from "#test/e2e/console/console-world.ts";

describe.skipIf(!engineAvailable)("the console of a running cloud", () => {
	let world: ConsoleWorld;

	beforeAll(async () => {
		world = await startConsoleWorld();
	}, 120_000);
	afterAll(() => world?.stop());

	describe("as files", () => {
		const TYPES: Readonly<Record<string, string>> = {
			html: "text/html; charset=utf-8",
			css: "text/css; charset=utf-8",
			js: "text/javascript; charset=utf-8",
			svg: "image/svg+xml",
		};
		const names = readdirSync("console");

		test.each(["", ...names])("serves /console/%s with its type and a policy", async (name) => {
			const { status, headers, body } = await raw(world.url, "GET", `/console/${name}?v=1`);
			expect(status).toBe(200);
			expect(headers["content-type"]).toBe(TYPES[name.split(".")[1] ?? "html"]);
			expect(headers["content-security-policy"]).toMatch(/^default-src 'self';/);
			expect(headers["x-content-type-options"]).toBe("nosniff");
			expect(body.length).toBe(Number(headers["content-length"]));
			expect(body).not.toMatch(/innerHTML|https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
		});

		test("answers HEAD without a body, refuses other methods, leads /console on", async () => {
			expect(await raw(world.url, "HEAD", "/console/")).toMatchObject({ status: 200, body: "" });
			expect(await raw(world.url, "POST", "/console/")).toMatchObject({ status: 405, headers: { allow: "GET, HEAD" } });
			expect(await raw(world.url, "GET", "/console")).toMatchObject({ status: 308, headers: { location: "/console/" } });
		});

		test.each([
			"/console/../package.json",
			"/console/..%2fpackage.json",
			"/console/%2e%2e/package.json",
			"/console/..\\package.json",
			"/console//etc/passwd",
			"/console/./main.js",
			"/console/%00",
			"/console/nothing.js",
			"/console/__proto__",
			"/consoles",
		])("knows no %s", async (path) => {
			const { status, body } = await raw(world.url, "GET", path);
			expect(status).toBe(404);
			expect(body).not.toContain("heliotrope");
		});
	});

	describe.skipIf(!browserAvailable)(browserNote, () => {
		let browser: Browser;
		let page: Page;

		beforeAll(async () => {
			browser = await launchBrowser();
		});
		afterAll(() => browser?.close());
		beforeEach(async () => {
			page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
			page.setDefaultTimeout(10_000);
		});
		afterEach(() => page.close());

		const open = (): Promise<unknown> => page.goto(`${world.url}/console/#token=${encodeURIComponent(world.token)}`);
		const status = (state: string) => page.locator(`#status[data-state=${state}]`).waitFor();
		const cells = async (row: Locator): Promise<string> => (await row.locator("th, td").allTextContents()).join(" | ");
		const focused = (): Promise<string> =>
			page.locator(":focus").evaluate((node: PageNode) => {
				const { outlineStyle } = node.ownerDocument.defaultView.getComputedStyle(node);
				if (outlineStyle === "none") return "nothing visible";
				return node.id === "" ? node.textContent : `#${node.id}`;
			});
		const tabUntil = async (wanted: string): Promise<string[]> => {
			const passed: string[] = [];
			while (passed.length < 60 && passed.at(-1) !== wanted) {
				await page.keyboard.press("Tab");
				passed.push(await focused());
			}
			expect(passed.at(-1)).toBe(wanted);
			return passed;
		};

		test("shows what there is, from its own origin only, and hides the token", async () => {
			const problems: string[] = [];
			page.on("pageerror", (error) => problems.push(String(error)));
			page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
			page.on("request", (made) => made.url().startsWith(world.url) || problems.push(made.url()));
			await open();
			await status("live");
			expect(page.url()).toBe(`${world.url}/console/`);
			expect(await page.locator("#regions tbody tr").count()).toBe(3);
			expect(await page.locator("#totals").textContent()).toContain("27");
			const soaking = page.locator("#migrations tbody tr", { hasText: "globex" });
			expect(await cells(soaking)).toMatch(
				/^globex \| eu-west-1 → ap-northeast-1 \| under way \| Soak, 9 of 11 \| 2025-02-17 \d\d:\d\d \| operator$/,
			);
			expect(await soaking.locator(".rail .done").count()).toBe(8);
			expect(await page.locator("#migrations tbody tr", { hasText: "filler-01" }).textContent()).toContain("cancelled");
			expect(problems).toEqual([]);
		});

		test("is walked by keyboard alone", async () => {
			await open();
			await status("live");
			const passed = await tabUntil("#prefix");
			expect(passed[0]).toBe("Skip to the content");
			expect(passed).not.toContain("nothing visible");
			await page.keyboard.type("initech");
			await page.locator("#partitions tbody tr").nth(1).waitFor({ state: "detached" });
			await tabUntil("initech");
			await page.keyboard.press("Enter");
			await page.locator("#detail-title:focus").waitFor();
			expect(await page.locator("#detail-title").textContent()).toBe("initech");
			expect(await cells(page.locator("#forecasts tbody tr").first())).toMatch(/^ap-northeast-1 \| \d+\.\d % \| $/);
			expect(await cells(page.locator("#decisions tbody tr").first())).toMatch(
				/^2025-02-17 \d\d:\d\d \| (Stay in|Move to) [a-z0-9-]+ \| .+\. \| /,
			);
			await tabUntil("#detail-close");
			await page.keyboard.press("Enter");
			await page.locator("#partitions a:focus").waitFor();
			expect(await page.locator("#detail").isVisible()).toBe(false);
		});

		test("pages by cursor, tells of policy, and says when a filter finds nothing", async () => {
			await open();
			await status("live");
			const first = await page.locator("#partitions tbody th").allInnerTexts();
			await page.getByRole("button", { name: "Next" }).click();
			await page.getByText("page 2").waitFor();
			await page.locator("#partitions tbody tr").nth(1).waitFor();
			await page.locator("#partitions tbody tr").nth(2).waitFor({ state: "detached" });
			const second = await page.locator("#partitions tbody th").allInnerTexts();
			expect([first.length, second.length, new Set([...first, ...second]).size]).toEqual([25, 2, 27]);
			await page.locator("#prefix").fill("filler-00");
			const policy = "pinned to us-east-1; frozen; only in us-east-1, eu-west-1";
			await page.locator("#partitions tbody tr", { hasText: policy }).waitFor();
			await page.locator("#prefix").fill("nobody");
			await page.getByText("No partition begins with “nobody”.").waitFor();
		});

		test("asks for a token, and refuses a wrong one", async () => {
			await page.goto(`${world.url}/console/`);
			await page.locator("#token:focus").waitFor();
			expect(await page.locator("#views").isVisible()).toBe(false);
			await page.keyboard.type("wrong");
			await page.keyboard.press("Enter");
			await page.getByRole("alert").getByText("the token was refused").waitFor();
			await page.keyboard.type(world.token);
			await page.keyboard.press("Enter");
			await status("live");
			expect(await page.locator("#sign-in").isVisible()).toBe(false);
			await page.reload();
			await status("live");
		});

		test("keeps what it has shown while the cloud is away, and its rows when it is back", async () => {
			await page.clock.install();
			await open();
			await status("live");
			const row = page.locator("#partitions tbody tr").first();
			await row.evaluate((node: PageNode) => node.setAttribute("data-kept", ""));
			await page.route("**/admin/v1/**", (route) => route.abort());
			await page.clock.runFor(2000);
			await status("lost");
			expect(await page.locator("#status").textContent()).toMatch(/Cloud not reachable: no connection. This is how things were at .*\d/);
			expect(await page.locator("#partitions tbody tr").count()).toBe(25);
			await page.unroute("**/admin/v1/**");
			await page.clock.runFor(2000);
			await status("live");
			expect(await page.locator("#partitions tbody tr[data-kept]").count()).toBe(1);
		});

		test("takes no name for markup, and fits every width of a screen", async () => {
			const hostile = `<img src=x onerror="document.title='taken'">${"x".repeat(80)}`;
			await page.setViewportSize({ width: 360, height: 740 });
			await page.route("**/admin/v1/partitions?*", async (route) => {
				const answer = await route.fetch();
				const { partitions } = (await answer.json()) as { partitions: object[] };
				await route.fulfill({
					json: { partitions: partitions.map((record, n) => (n === 0 ? { ...record, partition: hostile } : record)) },
				});
			});
			await page.goto(`${world.url}/console/#${new URLSearchParams({ token: world.token, partition: "initech" })}`);
			await status("live");
			expect(await page.locator("#partitions tbody th").first().textContent()).toContain(hostile);
			expect(await page.locator("img").count()).toBe(0);
			expect(await page.title()).toBe("Heliotrope console");
			for (const width of [360, 710, 1030, 1290]) {
				await page.setViewportSize({ width, height: 740 });
				const laidOutWidth = ({ scrollWidth }: PageNode) => scrollWidth;
				expect(await page.locator(":root").evaluate(laidOutWidth)).toBe(width);
			}
		});
	});
});

/** What the tests use of an element; the compiler knows no DOM here. */
interface PageNode {
	readonly id: string;
	readonly textContent: string;
	readonly scrollWidth: number;
	readonly ownerDocument: { readonly defaultView: { getComputedStyle(node: PageNode): { readonly outlineStyle: string } } };
	setAttribute(name: string, value: string): void;
}

interface Answer {
	readonly status: number | undefined;
	readonly headers: Readonly<Record<string, unknown>>;
	readonly body: string;
}

/** Sends the path as it is; `fetch` would resolve the dots. */
function raw(base: string, method: string, path: string): Promise<Answer> {
	const { hostname, port } = new URL(base);
	return new Promise((resolve, reject) => {
		const sent = request({ hostname, port, method, path }, async (response) => {
			const chunks: Buffer[] = [];
			for await (const chunk of response) chunks.push(chunk as Buffer);
			resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() });
		});
		sent.on("error", reject);
		sent.end();
	});
}
