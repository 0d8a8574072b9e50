import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** One object of a listing. */
export interface ObjectSummary {
	readonly key: string;
	readonly size: number;
}

/** The objects of all buckets as files: `<dir>/<bucket>/<key, percent-encoded>`. A name that a file system cannot hold is the caller's mistake. */
export class BucketFiles {
	readonly #dir: string;
	#writes = 0;

	constructor(dir: string) {
		this.#dir = dir;
	}

	/** The file of an object, there or not. */
	pathOf(bucket: string, key: string): string {
		return join(this.#dir, encode(bucket), encode(key));
	}

	put(bucket: string, key: string, body: Uint8Array): void {
		mkdirSync(join(this.#dir, encode(bucket)), { recursive: true });
		this.#writes += 1;
		// A reader sees the old object or the new one, never half of it.
		const half = `${this.pathOf(bucket, key)}~${this.#writes}`;
		writeFileSync(half, body);
		renameSync(half, this.pathOf(bucket, key));
	}

	get(bucket: string, key: string): Buffer | undefined {
		try {
			return readFileSync(this.pathOf(bucket, key));
		} catch {
			return undefined;
		}
	}

	delete(bucket: string, key: string): void {
		rmSync(this.pathOf(bucket, key), { force: true });
	}

	/** In the order of keys. */
	list(bucket: string, prefix: string): readonly ObjectSummary[] {
		let names: readonly string[];
		try {
			names = readdirSync(join(this.#dir, encode(bucket)));
		} catch {
			return [];
		}
		return names
			.filter((name) => !name.includes("~"))
			.map(decodeURIComponent)
			.filter((key) => key.startsWith(prefix))
			.sort()
			.map((key) => ({ key, size: statSync(this.pathOf(bucket, key)).size }));
	}
}

/** Also what `encodeURIComponent` leaves and a path must not have: dots alone, and the mark of half-written files. */
const encode = (name: string): string => encodeURIComponent(name).replaceAll(".", "%2E").replaceAll("~", "%7E");
