import { type Case, etagOf, expectEqual, expectProblem, expectStatus, NotKept } from "#conformance/check.ts";

/** Headers that change what a request means, and what must not. */
export const REQUEST_CASES: readonly Case[] = [
	{
		about: "Idempotency-Key",
		says: "the same request is done once and answered the same; another with the key gets 422",
		run: async ({ send, base, key }) => {
			const path = `${base}/items/${key("once")}`;
			const headers = { "idempotency-key": `conformance-${key("once")}` };
			const first = expectStatus(await send({ method: "PUT", path, body: "one", headers }), 201);
			expectStatus(await send({ method: "PUT", path, body: "between" }), 200);
			const again = expectStatus(await send({ method: "PUT", path, body: "one", headers }), 201);
			expectEqual("ETag", etagOf(again), etagOf(first));
			expectEqual("body", (await send({ method: "GET", path })).text, "between");
			expectProblem(await send({ method: "PUT", path, body: "two", headers }), 422, "idempotency.key-reused");
			expectProblem(await send({ method: "DELETE", path, headers }), 422, "idempotency.key-reused");
			expectProblem(await send({ method: "PUT", path, headers: { "idempotency-key": "x".repeat(256) } }), 400, "idempotency.key-invalid");
		},
	},
	{
		about: "x-heliotrope-consistency",
		says: "eventual answers state their staleness; an unknown one is 400",
		run: async ({ send, base, key }) => {
			const path = `${base}/items/${key("consistency")}`;
			await send({ method: "PUT", path, body: "x" });
			const eventual = expectStatus(await send({ method: "GET", path, headers: { "x-heliotrope-consistency": "eventual" } }), 200);
			if (!/^\d+$/.test(eventual.headers["x-heliotrope-staleness-ms"] ?? "")) throw new NotKept("x-heliotrope-staleness-ms is no number");
			expectStatus(await send({ method: "GET", path, headers: { "x-heliotrope-consistency": "linearizable" } }), 200);
			expectProblem(await send({ method: "GET", path, headers: { "x-heliotrope-consistency": "strong" } }), 400, "consistency.invalid");
		},
	},
	{
		about: "x-heliotrope-session",
		says: "a session gets a token that the next request may bring; what is none is 400",
		run: async ({ send, base, key }) => {
			const path = `${base}/items/${key("session")}`;
			const consistency = { "x-heliotrope-consistency": "session" };
			const written = expectStatus(await send({ method: "PUT", path, body: "x", headers: consistency }), 201);
			const token = written.headers["x-heliotrope-session"] ?? "";
			if (token === "") throw new NotKept("there is no x-heliotrope-session");
			expectStatus(await send({ method: "GET", path, headers: { ...consistency, "x-heliotrope-session": token } }), 200);
			expectProblem(
				await send({ method: "GET", path, headers: { ...consistency, "x-heliotrope-session": "AAAA" } }),
				400,
				"session.token-invalid",
			);
		},
	},
	{
		about: "x-heliotrope-timeout-ms",
		says: "a request may say how long it waits; nonsense is 400",
		run: async ({ send, base, key }) => {
			const path = `${base}/items/${key("timeout")}`;
			expectStatus(await send({ method: "PUT", path, body: "x", headers: { "x-heliotrope-timeout-ms": "30000" } }), 201);
			for (const text of ["0", "soon", "99999"])
				expectProblem(await send({ method: "GET", path, headers: { "x-heliotrope-timeout-ms": text } }), 400, "deadline.invalid");
		},
	},
	{
		about: "internal headers",
		says: "a client that sets them gains nothing and breaks nothing",
		run: async ({ send, base, key }) => {
			const path = `${base}/items/${key("forged")}`;
			const forged = {
				"x-heliotrope-buckets": "64",
				"x-heliotrope-canary": "1",
				"x-heliotrope-client": "x",
				"x-heliotrope-edge-region": "mars-north-1",
				"x-heliotrope-partition": "another",
				"x-heliotrope-request-id": "forged-request-id",
			};
			expectStatus(await send({ method: "PUT", path, body: "one", headers: forged }), 201);
			expectStatus(await send({ method: "PUT", path, body: "two", headers: forged }), 200);
			expectEqual("body", expectStatus(await send({ method: "GET", path, headers: forged }), 200).text, "two");
		},
	},
];
