import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildConsolePage } from "#infra/constructs/console-page.ts";
import { consolePolicy } from "#infra/description/console.ts";
import { browserAvailable, browserNote, launchBrowser } from "#test/e2e/console/browser.ts";
import { type IdentityProvider, startIdentityProvider } from "#test/e2e/console/identity-provider.ts";

const TYPES: Readonly<Record<string, string>> = {
	".html": "text/html",
	".css": "text/css",
	".js": "text/javascript",
	".svg": "image/svg+xml",
};
const EMPTY: Readonly<Record<string, object>> = {
	summary: { now: "2030-01-01T00:00:00Z", partitions: 0, decisions: 0, migrations: {}, leaders: {} },
	regions: { regions: [{ id: "eu-west-1" }] },
	migrations: { migrations: [] },
	partitions: { partitions: [] },
};

/** The page as a deployment publishes it, with its policy, and an API that lets in the provider's tokens. */
async function startSite(provider: IdentityProvider): Promise<{ readonly server: Server; readonly url: string }> {
	const folder = buildConsolePage();
	const headers = { "content-security-policy": consolePolicy([provider.url]) };
	const server = createServer((request, response) => {
		const { pathname } = new URL(request.url ?? "/", "http://localhost");
		const json = (status: number, body: object) =>
			response.writeHead(status, { ...headers, "content-type": "application/json" }).end(JSON.stringify(body));
		if (pathname === "/config.json") return json(200, { authority: provider.url, clientId: provider.clientId });
		if (pathname.startsWith("/admin/v1/")) {
			const token = request.headers.authorization?.replace("Bearer ", "") ?? "";
			const found = EMPTY[pathname.slice("/admin/v1/".length)];
			if (!provider.issued.has(token)) return json(401, { message: "Unauthorized" });
			return found === undefined ? json(404, {}) : json(200, found);
		}
		const name = pathname === "/" ? "index.html" : pathname.slice(1);
		return response.writeHead(200, { ...headers, "content-type": TYPES[extname(name)] ?? "" }).end(readFileSync(join(folder, name)));
	}).listen(0, "127.0.0.1");
	await once(server, "listening");
	return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

describe.skipIf(!browserAvailable)(`signing in to the console of a deployment, ${browserNote}`, () => {
	let provider: IdentityProvider;
	let site: Awaited<ReturnType<typeof startSite>>;
	let browser: Browser;
	let page: Page;
	const problems: string[] = [];

	beforeAll(async () => {
		browser = await launchBrowser();
	});
	afterAll(() => browser?.close());
	beforeEach(async () => {
		provider = await startIdentityProvider();
		site = await startSite(provider);
		page = await (await browser.newContext()).newPage();
		page.setDefaultTimeout(10_000);
		problems.length = 0;
		page.on("pageerror", (error) => problems.push(String(error)));
	});
	afterEach(async () => {
		await page.context().close();
		site.server.closeAllConnections();
		site.server.close();
		await provider.stop();
	});
	const live = () => page.locator("#status[data-state=live]").waitFor();

	test("asks nobody for anything until it is wanted, then leads back to where one was", async () => {
		await page.goto(`${site.url}#partition=acme`);
		await page.locator("#sign-in").waitFor();
		expect(await page.locator("#token").isHidden()).toBe(true);
		expect(await page.locator("#sign-in-problem").textContent()).toBe("");
		expect(provider.issued.size).toBe(0);
		await page.keyboard.press("Enter");
		await live();
		expect(page.url()).toBe(`${site.url}#partition=acme`);
		expect(await page.locator("#sign-in").isHidden()).toBe(true);
		expect([provider.refusals, problems]).toEqual([[], []]);
		await page.reload();
		await live();
		expect(provider.issued.size).toBe(1);
	});

	test("says it when the provider turns one away, and can be tried again", async () => {
		provider.refuse();
		await page.goto(site.url);
		await page.locator("#sign-in-button").click();
		await page.locator("#sign-in-problem", { hasText: "access_denied" }).waitFor();
		expect(page.url()).toBe(site.url);
		expect(provider.issued.size).toBe(0);
	});

	test("takes no code that another tab did not ask for", async () => {
		await page.goto(`${site.url}?code=stolen&state=foreign`);
		await page.locator("#sign-in-problem", { hasText: "state" }).waitFor();
		expect([provider.issued.size, page.url()]).toEqual([0, site.url]);
	});

	test("asks again when the API does not take the token any more", async () => {
		await page.goto(site.url);
		await page.locator("#sign-in-button").click();
		await live();
		(provider.issued as Set<string>).clear();
		await page.locator("#sign-in-problem", { hasText: "refused" }).waitFor();
		await page.locator("#sign-in-button").click();
		await live();
	});
});
