/** `12,345`. */
export const formatCount = (n: number): string => Math.round(n).toLocaleString("en-US");

/** `62.1 %` of a share 0..1. */
export const formatShare = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** `48.2 ms`; a dash for nothing measured. */
export const formatMs = (ms: number | null): string => (ms === null ? "-" : `${ms.toFixed(1)} ms`);

/** `2023-04-17 06:12 UTC`. */
export const formatTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** `45 s`, `3 min`, `2 h 05 min`. */
export function formatDuration(seconds: number): string {
	if (seconds < 90) return `${Math.round(seconds)} s`;
	const minutes = Math.round(seconds / 60);
	if (minutes < 60) return `${minutes} min`;
	return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** A bar of `width` cells filled to a share 0..1. */
export function formatBar(share: number, width: number): string {
	const filled = Math.round(Math.min(Math.max(share, 0), 1) * width);
	return "█".repeat(filled) + "░".repeat(width - filled);
}

/** `once`, `2 times`. */
export const plural = (n: number, one: string, many = `${one}s`): string => `${formatCount(n)} ${n === 1 ? one : many}`;
