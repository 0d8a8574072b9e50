/** Runs `work` for every element, at most `limit` at once, results in order. The first failure is thrown once all begun work has ended. */
export async function mapParallel<T, R>(elements: readonly T[], limit: number, work: (element: T) => Promise<R>): Promise<R[]> {
	const results: R[] = [];
	const errors: unknown[] = [];
	let next = 0;
	const lane = async (): Promise<void> => {
		while (next < elements.length && errors.length === 0) {
			const index = next++;
			try {
				results[index] = await work(elements[index] as T);
			} catch (error) {
				errors.push(error);
			}
		}
	};
	await Promise.all(Array.from({ length: Math.min(limit, elements.length) }, lane));
	if (errors.length > 0) throw errors[0];
	return results;
}
