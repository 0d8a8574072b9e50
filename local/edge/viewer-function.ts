import { readFileSync } from "node:fs";
import { Script } from "node:vm";
import { EDGE_DISTRIBUTION, GROUP_ORIGINS_SOURCE, groupOriginsCode, type RequestOriginGroup } from "#infra/description/edge.ts";

/** @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html */
const MAX_CODE_BYTES = 10 * 1024;
/** Statuses that may lead to the second origin. @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html */
const FAILOVER_STATUSES: ReadonlySet<number> = new Set([400, 403, 404, 416, 500, 502, 503, 504]);
const IMPORT = /^import cf from "cloudfront";$/m;

type Handler = (event: { readonly version: string; readonly request: { readonly method: string; readonly uri: string } }) => unknown;

/** The CloudFront Function at the viewer's request, on the helper that it uses. One call at a time: it is synchronous. */
export class ViewerFunction {
	readonly #handler: Handler;
	#group: RequestOriginGroup | undefined;

	/** @param code as CloudFront would get it. @throws TypeError where CloudFront would not take it */
	constructor(code: string = groupOriginsCode(readFileSync(GROUP_ORIGINS_SOURCE, "utf8"))) {
		if (Buffer.byteLength(code) > MAX_CODE_BYTES) throw new TypeError(`a CloudFront Function has at most ${MAX_CODE_BYTES} bytes`);
		if (!IMPORT.test(code)) throw new TypeError("the function does not import the helpers of CloudFront");
		const cf = { createRequestOriginGroup: (group: RequestOriginGroup) => this.#take(group) };
		this.#handler = (
			new Script(`(cf) => { ${code.replace(IMPORT, "")}\nreturn handler; }`).runInThisContext() as (helpers: typeof cf) => Handler
		)(cf);
	}

	/** The group that the function made for a request; undefined where it goes to the one origin of the cache behaviour. */
	groupFor(method: string, uri: string): RequestOriginGroup | undefined {
		this.#group = undefined;
		this.#handler({ version: "1.0", request: { method, uri } });
		return this.#group;
	}

	#take(group: RequestOriginGroup): void {
		const ids = group.originIds.map(({ originId }) => originId);
		const known: readonly string[] = EDGE_DISTRIBUTION.originGroup.originIds;
		if (ids.length !== 2 || !ids.every((id) => known.includes(id))) throw new TypeError(`a group has two origins of ${known.join(", ")}`);
		const odd = group.failoverCriteria.statusCodes.filter((status) => !FAILOVER_STATUSES.has(status));
		if (odd.length > 0) throw new TypeError(`${odd.join(", ")} cannot lead to the second origin`);
		this.#group = group;
	}
}
