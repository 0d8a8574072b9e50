import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface KeptBundles {
	/** Where bundles are kept from one start to the next; created if missing. */
	readonly keptIn: string;
	/** Where they are built when nothing can be written there. */
	readonly otherwiseIn: string;
	/** What the names of sources are relative to. */
	readonly root: string;
	/** What is asked for, as JSON: bundles of anything else are of no use. */
	readonly what: unknown;
	/** Builds into a folder that does not exist yet. @returns the sources that went into it, relative to the root */
	readonly build: (folder: string) => Promise<readonly string[]>;
}

const MANIFEST = "manifest.json";
/** Names the folder in use. It is replaced in one step, so that whoever reads it finds a folder that is complete. */
const CURRENT = "current";
/** A cloud may start functions for as long as it runs: what nobody has started from for so long goes. */
const MOST_IDLE_MS = 7 * 86_400_000;

interface Manifest {
	readonly what: string;
	/** By source, its size and when it was last changed, in ms. */
	readonly sources: Readonly<Record<string, readonly [number, number]>>;
}

/** The folder of bundles that are as new as their sources: kept ones, else built now. @throws what `build` throws */
export async function keptOrBuilt(kept: KeptBundles): Promise<string> {
	const folder = await findCurrent(kept);
	if (folder !== undefined) {
		const now = new Date();
		await utimes(folder, now, now).catch(() => {});
		return folder;
	}
	const keeps = await canKeep(kept.keptIn);
	const built = join(keeps ? kept.keptIn : kept.otherwiseIn, randomUUID());
	const startedMs = Date.now();
	const sources = await stampsOf(kept.root, await kept.build(built));
	// What has changed while it was read may be in the bundle or not.
	const isCertain = sources !== undefined && Object.values(sources).every(([, changedMs]) => changedMs < startedMs);
	if (isCertain && keeps) await publish(kept, built, { what: JSON.stringify(kept.what), sources });
	return built;
}

async function findCurrent({ keptIn, root, what }: KeptBundles): Promise<string | undefined> {
	try {
		const folder = join(keptIn, (await readFile(join(keptIn, CURRENT), "utf8")).trim());
		const manifest = JSON.parse(await readFile(join(folder, MANIFEST), "utf8")) as Manifest;
		const now = await stampsOf(root, Object.keys(manifest.sources));
		return manifest.what === JSON.stringify(what) && JSON.stringify(now) === JSON.stringify(manifest.sources) ? folder : undefined;
	} catch {
		return undefined;
	}
}

/** @returns undefined when one of them is not there */
async function stampsOf(root: string, names: readonly string[]): Promise<Manifest["sources"] | undefined> {
	try {
		const stamps = await Promise.all(
			names.map(async (name) => {
				const { size, mtimeMs } = await stat(join(root, name));
				return [name, [size, mtimeMs]] as const;
			}),
		);
		return Object.fromEntries(stamps);
	} catch {
		return undefined;
	}
}

async function publish({ keptIn }: KeptBundles, folder: string, manifest: Manifest): Promise<void> {
	await writeFile(join(folder, MANIFEST), JSON.stringify(manifest));
	const pointer = `${folder}.${CURRENT}`;
	await writeFile(pointer, folder.slice(keptIn.length + 1));
	await rename(pointer, join(keptIn, CURRENT));
	await removeIdle(keptIn);
}

async function removeIdle(keptIn: string): Promise<void> {
	for (const name of await readdir(keptIn)) {
		const path = join(keptIn, name);
		const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
		if (name !== CURRENT && Date.now() - mtimeMs > MOST_IDLE_MS) await rm(path, { recursive: true, force: true });
	}
}

async function canKeep(folder: string): Promise<boolean> {
	try {
		await mkdir(folder, { recursive: true });
		const probe = join(folder, randomUUID());
		await writeFile(probe, "");
		await rm(probe);
		return true;
	} catch {
		return false;
	}
}
