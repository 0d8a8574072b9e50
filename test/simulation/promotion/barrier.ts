/** A place where work stands still until it is let go. */
export interface Barrier {
	/** Fulfilled when somebody stands here. */
	readonly reached: Promise<void>;
	/** For whoever comes here. */
	stand(): Promise<void>;
	/** Lets go whoever stands here, and all who come later. */
	open(): void;
}

export function barrier(): Barrier {
	const gate = Promise.withResolvers<void>();
	const arrival = Promise.withResolvers<void>();
	return {
		reached: arrival.promise,
		open: gate.resolve,
		stand() {
			arrival.resolve();
			return gate.promise;
		},
	};
}
