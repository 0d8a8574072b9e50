const encoder = new TextEncoder();

/** The length of `text` in bytes of UTF-8. */
export const utf8Length = (text: string): number => encoder.encode(text).length;

/**
 * Orders strings by their UTF-8 bytes (negative, zero, positive), as DynamoDB orders sort keys. UTF-16 order, JavaScript's own, puts
 * characters beyond the basic plane before U+E000..U+FFFF; code points and UTF-8 bytes agree.
 */
export function compareUtf8(a: string, b: string): number {
	const length = Math.min(a.length, b.length);
	for (let i = 0; i < length; i++) {
		const left = a.charCodeAt(i);
		const right = b.charCodeAt(i);
		if (left !== right) return rank(left) - rank(right);
	}
	return a.length - b.length;
}

/** Lifts surrogates above every other code unit, keeping order among them. */
const rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
