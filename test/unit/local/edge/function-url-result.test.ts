import { expect, test } from "vitest";
import { functionUrlAnswer, PAYLOAD_LIMIT_BYTES } from "#local/edge/function-url-result.ts";

const answerTo = (bytes: Buffer, isBase64Encoded: boolean) =>
	functionUrlAnswer({ ok: true, payload: { statusCode: 200, body: bytes.toString(isBase64Encoded ? "base64" : "utf8"), isBase64Encoded } });

test.each([
	["text up to the limit", PAYLOAD_LIMIT_BYTES, false, 200],
	["text beyond it", PAYLOAD_LIMIT_BYTES + 1, false, 502],
	["bytes that are below it in base64 as well", (PAYLOAD_LIMIT_BYTES / 4) * 3, true, 200],
	["bytes that are beyond it only in base64", PAYLOAD_LIMIT_BYTES - 1, true, 502],
])("%s: the size of a result is that of what the function has returned", (_, size, isBase64Encoded, status) => {
	const answer = answerTo(Buffer.alloc(size, 65), isBase64Encoded);
	expect(answer.status).toBe(status);
	if (status === 200) expect(answer.body.length).toBe(size);
});
