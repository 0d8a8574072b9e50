/** Counts by name, and what must not have happened. */
export class Tally {
	readonly counts = new Map<string, number>();
	readonly violations: string[] = [];

	count(name: string): void {
		this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
	}

	/** Names that begin with `prefix`, without it, most frequent first: `a 3, b 1`. */
	list(prefix: string): string {
		const found = [...this.counts].filter(([name]) => name.startsWith(prefix));
		const sorted = found.sort(([, a], [, b]) => b - a);
		return sorted.map(([name, count]) => `${name.slice(prefix.length)} ${count}`).join(", ") || "none";
	}

	/** Sum over the names that begin with `prefix`. */
	sum(prefix: string): number {
		return [...this.counts].reduce((sum, [name, count]) => sum + (name.startsWith(prefix) ? count : 0), 0);
	}
}
