import { readdirSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname } from "node:path";
import { consolePolicy } from "#infra/description/console.ts";
import type { FrontRoute } from "#local/edge/front.ts";

const FOLDER = new URL("../../console/", import.meta.url);
const BASE = "/console/";
const REDIRECTED = "/console";

const CONTENT_TYPES: Readonly<Record<string, string>> = {
	".html": "text/html; charset=utf-8",
	".css": "text/css; charset=utf-8",
	".js": "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
};

const HEADERS = {
	"content-security-policy": consolePolicy([]),
	"x-content-type-options": "nosniff",
	"referrer-policy": "no-referrer",
	"cache-control": "no-cache",
};

interface Asset {
	readonly type: string;
	readonly body: Buffer;
}

/** The console's files below `/console/`, read once. Only names that are in the folder are answered, so no path can lead out of it. */
export function consoleRoute(): FrontRoute {
	const assets = readAssets();
	return {
		prefix: REDIRECTED,
		handle: async (request, response) => serve(request, response, assets),
	};
}

function readAssets(): ReadonlyMap<string, Asset> {
	const assets = new Map<string, Asset>();
	for (const name of readdirSync(FOLDER)) {
		const type = CONTENT_TYPES[extname(name)];
		if (type === undefined) continue;
		const asset = { type, body: readFileSync(new URL(name, FOLDER)) };
		assets.set(`${BASE}${name}`, asset);
		if (name === "index.html") assets.set(BASE, asset);
	}
	return assets;
}

interface Answer {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string | Buffer;
}

function answerTo(method: string, path: string, assets: ReadonlyMap<string, Asset>): Answer {
	const asset = assets.get(path);
	if (asset === undefined && path !== REDIRECTED) return text(404, "there is no such page; the console is at /console/");
	if (method !== "GET" && method !== "HEAD") return text(405, "the console takes GET and HEAD", { allow: "GET, HEAD" });
	if (asset === undefined) return text(308, "the console is at /console/", { location: BASE });
	return { status: 200, headers: { "content-type": asset.type }, body: asset.body };
}

const text = (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
	status,
	headers: { ...headers, "content-type": "text/plain; charset=utf-8" },
	body: `${body}\n`,
});

function serve({ url = "", method = "" }: IncomingMessage, response: ServerResponse, assets: ReadonlyMap<string, Asset>): void {
	const { status, headers, body } = answerTo(method, url.replace(/[?#].*$/s, ""), assets);
	response.writeHead(status, { ...HEADERS, ...headers, "content-length": Buffer.byteLength(body) });
	response.end(method === "HEAD" ? undefined : body);
}
