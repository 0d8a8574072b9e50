import type { Answer } from "#lambdas/serve-data/answer.ts";

const EPOCH = "x-heliotrope-epoch";
const NAMES = ["x-heliotrope-region", EPOCH, "x-heliotrope-replicas"] as const;

/** Who served the operations of one request: the edge learns from it where the partition is. */
export interface ServedBy {
	/** Takes in what an operation says; of several, the latest term of leadership counts. */
	learn(answer: Pick<Answer, "headers">): void;
	/** For the request's own answer; nothing before the first operation. */
	headers(): Readonly<Record<string, string>>;
}

/** Nothing is known yet. */
export function servedBy(): ServedBy {
	let known: Readonly<Record<string, string>> = {};
	return {
		headers: () => known,
		learn({ headers }) {
			const said = Object.fromEntries(NAMES.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])));
			// an answer of nobody's fence has epoch 0, or none
			if (Number(said[EPOCH] ?? 0) > 0 && Number(said[EPOCH]) >= Number(known[EPOCH] ?? 0)) known = said;
		},
	};
}
