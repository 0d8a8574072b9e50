/** Objects in one bucket. Every method: @throws UnavailableError when a retry may help. */
export interface ObjectStore {
	/** `s3://bucket/`. */
	readonly url: string;
	put(key: string, body: Uint8Array, contentType: string): Promise<void>;
	/** Undefined when there is none. */
	get(key: string): Promise<Uint8Array | undefined>;
}
