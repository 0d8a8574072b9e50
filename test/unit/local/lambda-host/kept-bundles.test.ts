import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type KeptBundles, keptOrBuilt } from "#local/lambda-host/kept-bundles.ts";

let root = "";
let builds = 0;

const write = (name: string, content: string): void => {
	const path = join(root, name);
	writeFileSync(path, content);
	// As old as sources are: older than the build that reads them.
	utimesSync(path, 1000, 1000);
};

const bundles = (changes: Partial<KeptBundles> = {}): KeptBundles => ({
	keptIn: join(root, "kept"),
	otherwiseIn: join(root, "otherwise"),
	root,
	what: ["a.ts"],
	build: async (folder) => {
		builds += 1;
		mkdirSync(folder, { recursive: true });
		writeFileSync(join(folder, "a.mjs"), `bundled ${readFileSync(join(root, "a.ts"), "utf8")}`);
		return ["a.ts", "b.ts"];
	},
	...changes,
});

const contentOf = (folder: string): string => readFileSync(join(folder, "a.mjs"), "utf8");

beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), "heliotrope-kept-"));
	builds = 0;
	write("a.ts", "first");
	write("b.ts", "imported");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("what has been built is used again as long as no source changes", async () => {
	const first = await keptOrBuilt(bundles());
	expect(await keptOrBuilt(bundles())).toBe(first);
	expect([dirname(first), builds, contentOf(first)]).toEqual([join(root, "kept"), 1, "bundled first"]);
});

test("a source of another size, of another time, or that is gone, is built anew, beside what others may still run", async () => {
	const first = await keptOrBuilt(bundles());
	write("a.ts", "second");
	const second = await keptOrBuilt(bundles());
	expect([contentOf(first), contentOf(second)]).toEqual(["bundled first", "bundled second"]);
	utimesSync(join(root, "b.ts"), 1001, 1001);
	const third = await keptOrBuilt(bundles());
	expect(third).not.toBe(second);
	rmSync(join(root, "b.ts"));
	await keptOrBuilt(bundles());
	expect(builds).toBe(4);
});

test("other bundles than were asked for are of no use", async () => {
	const first = await keptOrBuilt(bundles());
	expect(await keptOrBuilt(bundles({ what: ["a.ts", "c.ts"] }))).not.toBe(first);
});

test("what changes while it is read is used, but not kept", async () => {
	const changing = bundles({
		build: async (folder) => {
			const sources = await bundles().build(folder);
			utimesSync(join(root, "b.ts"), Date.now() / 1000 + 1, Date.now() / 1000 + 1);
			return sources;
		},
	});
	expect(contentOf(await keptOrBuilt(changing))).toBe("bundled first");
	await keptOrBuilt(changing);
	expect(builds).toBe(2);
});

test("a build that fails leaves what is kept as it was", async () => {
	const first = await keptOrBuilt(bundles());
	write("a.ts", "second");
	const failing = bundles({ build: () => Promise.reject(new Error("no such import")) });
	await expect(keptOrBuilt(failing)).rejects.toThrow("no such import");
	write("a.ts", "first");
	expect(await keptOrBuilt(bundles())).toBe(first);
});

test("where nothing can be kept, it is built where the caller says", async () => {
	writeFileSync(join(root, "kept"), "a file, not a folder");
	const folder = await keptOrBuilt(bundles());
	expect([dirname(folder), contentOf(folder)]).toEqual([join(root, "otherwise"), "bundled first"]);
});

test("a manifest that cannot be read counts as none", async () => {
	const first = await keptOrBuilt(bundles());
	writeFileSync(join(first, "manifest.json"), "{");
	expect(await keptOrBuilt(bundles())).not.toBe(first);
});

test("bundles from which nobody has started for a week go, and the rest stays", async () => {
	const [idle, used] = [await keptOrBuilt(bundles()), join(root, "kept", "half-built")];
	mkdirSync(used);
	const longAgo = Date.now() / 1000 - 8 * 86_400;
	utimesSync(idle, longAgo, longAgo);
	write("a.ts", "second");
	const next = await keptOrBuilt(bundles());
	expect(readdirSync(join(root, "kept")).sort()).toEqual([basename(next), "current", "half-built"].sort());
});
