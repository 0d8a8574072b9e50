import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { createGunzip } from "node:zlib";
import tar from "tar-stream";

/** An archive holds an artefact and an evaluation, a few KB each. */
const MAX_ENTRY_BYTES = 16 * 1024 * 1024;

/** The files of a `model.tar.gz` by name, as text; too large ones are left out. @throws what gunzip and tar say of a broken archive */
export async function readArchive(archive: Uint8Array): Promise<ReadonlyMap<string, string>> {
	const files = new Map<string, string>();
	const extract = tar.extract();
	const source = Readable.from([archive]);
	const unzip = createGunzip();
	source.on("error", (error) => extract.destroy(error));
	unzip.on("error", (error) => extract.destroy(error));
	source.pipe(unzip).pipe(extract);
	for await (const entry of extract) {
		const { name, type, size = 0 } = entry.header;
		if (type === "file" && size <= MAX_ENTRY_BYTES) files.set(name.replace(/^\.\//, ""), await text(entry));
		else entry.resume();
	}
	return files;
}
