import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { createGunzip, createGzip } from "node:zlib";
import tar from "tar-stream";

/** The files of a directory (none below it) as `model.tar.gz`, the way SageMaker packs `/opt/ml/model`. */
export async function packDirectory(dir: string): Promise<Buffer> {
	const pack = tar.pack();
	for (const name of readdirSync(dir).sort()) pack.entry({ name, mtime: new Date(0) }, readFileSync(join(dir, name)));
	pack.finalize();
	return buffer(Readable.from(pack).pipe(createGzip()));
}

/** Puts the files of an archive into a directory, which is created. Names are taken without their path. */
export async function unpackInto(archive: Uint8Array, dir: string): Promise<void> {
	mkdirSync(dir, { recursive: true });
	const extract = tar.extract();
	Readable.from([archive]).pipe(createGunzip()).pipe(extract);
	for await (const entry of extract) {
		const content = await buffer(entry);
		if (entry.header.type === "file") writeFileSync(join(dir, basename(entry.header.name)), content);
	}
}
