import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";

type Source = string | ArrayBuffer | ArrayBufferView;

/** SHA-256, or its HMAC where a secret is given, as the signer wants it. */
export class Sha256 {
	readonly #hash: Hash | Hmac;

	constructor(secret?: Source) {
		this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", bytesOf(secret));
	}

	update(chunk: Source): void {
		this.#hash.update(bytesOf(chunk));
	}

	async digest(): Promise<Uint8Array> {
		return this.#hash.digest();
	}

	reset(): void {
		throw new Error("the signer makes a new hash each time");
	}
}

const bytesOf = (source: Source): Uint8Array => {
	if (typeof source === "string") return Buffer.from(source, "utf8");
	return ArrayBuffer.isView(source) ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength) : new Uint8Array(source);
};
