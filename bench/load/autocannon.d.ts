declare module "autocannon" {
	/** A request about to be sent; what the function returns is sent. */
	export interface LoadRequest {
		method?: string;
		path?: string;
		headers?: Record<string, string>;
		body?: string;
	}
	export interface LoadStep<Context> {
		setupRequest(request: LoadRequest, context: Context): LoadRequest;
		onResponse(status: number, body: string, context: Context, headers: Record<string, string>): void;
	}
	export interface LoadResult {
		readonly errors: number;
		readonly timeouts: number;
		readonly requests: { readonly total: number };
	}
	const autocannon: <Context>(options: {
		url: string;
		connections: number;
		/** Seconds. */
		duration: number;
		/** Seconds without an answer after which a connection is made anew. */
		timeout: number;
		requests: readonly LoadStep<Context>[];
	}) => Promise<LoadResult>;
	export default autocannon;
}
