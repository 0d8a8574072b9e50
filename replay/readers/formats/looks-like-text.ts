/** The share of undecodable or control characters above which bytes are not taken for text. */
const MAX_ODD_SHARE = 0.1;
const NUL = 0;

/** Whether bytes can be the beginning of a UTF-8 text: no NUL, and hardly any broken or control character. */
export function looksLikeText(bytes: Buffer): boolean {
	if (bytes.includes(NUL)) return false;
	const sample = bytes.subarray(0, 4096).toString("utf8");
	let odd = 0;
	for (const character of sample) if (character === "\uFFFD" || (character < " " && !"\t\r\n".includes(character))) odd += 1;
	return odd <= sample.length * MAX_ODD_SHARE;
}
