import { type FileHandle, open } from "node:fs/promises";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { LogError } from "#replay/readers/log-error.ts";

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

/** The bytes of a plain or gzip file, uncompressed; gzip is known by its first two bytes (RFC 1952), not by the name. @throws LogError */
export async function* openBytes(file: string): AsyncGenerator<Buffer> {
	const { handle, magic } = await openFile(file);
	const gzip = magic.subarray(0, 2).equals(GZIP_MAGIC);
	const source = handle.createReadStream({ start: 0, highWaterMark: 1 << 16 });
	const stream: Readable = gzip ? pipeline(source, createGunzip(), () => undefined) : source;
	try {
		for await (const chunk of stream) yield chunk as Buffer;
	} catch (error) {
		throw translate(file, error);
	} finally {
		source.destroy();
		stream.destroy();
	}
}

/** The first bytes of a file, as many as there are of 4. @throws LogError */
export async function readMagic(file: string): Promise<Buffer> {
	const { handle, magic } = await openFile(file);
	await handle.close();
	return magic;
}

async function openFile(file: string): Promise<{ handle: FileHandle; magic: Buffer }> {
	let handle: FileHandle | undefined;
	try {
		handle = await open(file, "r");
		const stat = await handle.stat();
		if (!stat.isFile())
			throw new LogError("log.unreadable", file, "is not a regular file; give the path of an access log, or of a folder of logs");
		if (stat.size === 0) throw new LogError("log.empty", file, "the file is empty; expected an access log");
		const magic = Buffer.alloc(4);
		const { bytesRead } = await handle.read(magic, 0, 4, 0);
		return { handle, magic: magic.subarray(0, bytesRead) };
	} catch (error) {
		await handle?.close();
		throw translate(file, error);
	}
}

/** A failure of the file system or of gzip as what is wrong with the log; anything else as it is. */
export function translate(file: string, error: unknown): unknown {
	const code = (error as NodeJS.ErrnoException).code ?? "";
	if (code === "ENOENT")
		return new LogError("log.missing", file, "there is no such file; give the path of an access log, or of a folder of logs", error);
	if (code === "Z_BUF_ERROR")
		return new LogError("log.corrupt-gzip", file, "the gzip file ends too early; it was cut off, fetch it again", error);
	if (code.startsWith("Z_")) return new LogError("log.corrupt-gzip", file, "the gzip file is damaged; fetch it again", error);
	if (/^E[A-Z]+$/.test(code))
		return new LogError("log.unreadable", file, `cannot be read (${code}); check the path and its permissions`, error);
	return error;
}
